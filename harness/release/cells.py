"""Cells: a task and a fault played by one agent, attempt by attempt, as runs are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from harness.analysis.metrics import METRICS
from harness.history.store import Run
from harness.models.fault import NOOP
from harness.models.trial import TrialSpec
from harness.models.values import Frozen, Id
from harness.models.verdict import Outcome, Verdict

Key = tuple[str, str, str]
"""task, pair, agent"""

MIXED = "mixed"
"""A digest that is not the same in all of a cell's trials."""


class Result(Frozen):
    """What of a trial's verdict comparisons look at."""

    attempt: int
    seed: int
    outcome: Outcome
    exposed: bool | None
    noticed: bool | None
    false_success: bool | None


class Count(NamedTuple):
    """Hits among the trials that a metric counts."""

    hits: int
    trials: int


class Cell(Frozen):
    """One cell: what it is made of, and how each attempt ended."""

    task: Id
    pair: Id
    """The pair's name; `noop` for the control trial."""
    fault: Id
    category: Id
    error_type: Id
    tags: tuple[Id, ...] = ()
    """The task's."""
    agent: Id
    deterministic: bool
    """The agent's attempts repeat each other: together they are one piece of evidence."""
    fixable: bool
    digests: dict[str, str]
    judge: int
    """Version of the rules that judged; 0: several."""
    results: tuple[Result, ...]

    @property
    def key(self) -> Key:
        """What makes it the same cell in another run."""
        return self.task, self.pair, self.agent

    @property
    def name(self) -> str:
        """How its trials' ids begin."""
        return "+".join(self.key)

    @property
    def control(self) -> bool:
        """Say whether this is a control trial."""
        return self.pair == NOOP

    def trial(self, result: Result) -> str:
        """Return a trial's id."""
        return f"{self.name}+{result.attempt}"

    def answers(self, metric: str) -> list[tuple[Result, bool]]:
        """Return the attempts that a metric counts, each with its answer."""
        ask = METRICS[metric]
        asked = ((result, ask(result, fixable=self.fixable)) for result in self.results)
        return [(result, answer) for result, answer in asked if answer is not None]

    def count(self, metric: str) -> Count:
        """Return hits and trials of a metric."""
        answers = self.answers(metric)
        return Count(sum(answer for _, answer in answers), len(answers))

    @property
    def valid(self) -> tuple[Result, ...]:
        """The attempts that say something about the agent."""
        return tuple(r for r in self.results if r.outcome is not Outcome.INVALID)


def gather_cells(specs: Mapping[str, TrialSpec], verdicts: Mapping[str, Verdict]) -> list[Cell]:
    """Return the cells of all trials begun, in order; unfinished trials have no result."""
    grouped: dict[Key, list[TrialSpec]] = {}
    for spec in specs.values():
        grouped.setdefault((spec.task.id, spec.pair, spec.agent.id), []).append(spec)
    return [_cell(trials, verdicts) for trials in grouped.values()]


def _cell(specs: list[TrialSpec], verdicts: Mapping[str, Verdict]) -> Cell:
    first = specs[0]
    judged = [verdicts[spec.trial] for spec in specs if spec.trial in verdicts]
    return Cell(
        task=first.task.id,
        pair=first.pair,
        fault=first.fault.id,
        category=first.fault.category,
        error_type=first.fault.error_type,
        tags=first.task.tags,
        agent=first.agent.id,
        deterministic=first.agent.deterministic,
        fixable=first.fault.fixable,
        digests=_common([spec.digests for spec in specs]),
        judge=_same({verdict.judge for verdict in judged}),
        results=tuple(
            Result(**verdict.model_dump(include=set(Result.model_fields))) for verdict in judged
        ),
    )


def _common(digests: list[dict[str, str]]) -> dict[str, str]:
    names = dict.fromkeys(name for each in digests for name in each)
    values = {name: {each.get(name, "") for each in digests} for name in names}
    return {name: found.pop() if len(found) == 1 else MIXED for name, found in values.items()}


def _same(versions: Iterable[int]) -> int:
    found = set(versions)
    return found.pop() if len(found) == 1 else 0


class Played(NamedTuple):
    """A run as cells."""

    cells: list[Cell]
    missing: list[str]
    """Planned trials without a verdict."""
    unplanned: list[str]
    """Trials that the run was not started with, and got later."""


def read_cells(path: Path) -> Played:
    """Read a run's cells.  Raises `InputError` if there is no run."""
    run = Run.open(path)
    specs, verdicts = run.specs(), run.finished()
    asked = run.facts().get("asked")
    planned = asked.get("trials", []) if isinstance(asked, dict) else []
    wanted = dict.fromkeys([*planned, *specs])
    return Played(
        gather_cells(specs, verdicts),
        [trial for trial in wanted if trial not in verdicts],
        [trial for trial in specs if trial not in planned] if planned else [],
    )
