"""Cells and stored runs with planted results."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from harness.history.events import Begun
from harness.history.store import Run
from harness.history.writer import History
from harness.models.fault import NOOP
from harness.models.trial import TrialSpec
from harness.models.verdict import MASTERED, Outcome, Verdict
from harness.release.cells import Cell, Result
from histories import trial_spec, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

OUTCOMES = {
    "p": Outcome.PASSED,
    "f": Outcome.FAILED,
    "r": Outcome.RECOVERED,
    "w": Outcome.WORKED_AROUND,
    "R": Outcome.REPORTED,
    "d": Outcome.DETECTED,
    "m": Outcome.MISSED,
    "h": Outcome.HARMFUL,
    "u": Outcome.UNEXPOSED,
    "i": Outcome.INVALID,
}
"""A letter for each outcome; `F` is a false success: missed, and claimed to be done."""


def result(letter: str, pair: str) -> dict[str, Any]:
    """Return the facts that go with an outcome."""
    outcome = OUTCOMES.get(letter, Outcome.MISSED)
    control = pair == NOOP
    return {
        "outcome": outcome,
        "exposed": None if control else letter not in "ui",
        "noticed": None if control else letter in "rwRd",
        "false_success": letter == "F",
    }


def cell(task: str, pair: str, letters: str, **changes: Any) -> Cell:
    """Return a cell; each letter is an attempt."""
    made = Cell(
        task=task,
        pair=pair,
        fault=pair,
        category="network",
        error_type=pair,
        agent="new",
        deterministic=False,
        fixable=True,
        judge=1,
        digests=dict.fromkeys(PINS, "0" * 64),
        results=tuple(
            Result(attempt=number, seed=0, **result(letter, pair))
            for number, letter in enumerate(letters, 1)
        ),
    )
    return made.model_copy(update=changes)


PINS = ("task", "fault", "sandbox", "agent")


@pytest.fixture(name="cell", scope="session")
def _cell() -> Callable[..., Cell]:
    return cell


@pytest.fixture(name="grid", scope="session")
def _grid() -> Callable[..., list[Cell]]:
    """Return cells of many tasks: `letters` repeat over the tasks, a cell each and its control."""

    def grid(
        letters: Iterable[str], tasks: int = 24, control: str = "p", **changes: Any
    ) -> list[Cell]:
        each = itertools.islice(itertools.cycle(letters), tasks)
        rows = [cell(f"t{i:02}", "dns", letter, **changes) for i, letter in enumerate(each)]
        return rows + [cell(f"t{i:02}", NOOP, control, **changes) for i in range(tasks)]

    return grid


def spec(planned: Cell, attempt: int) -> TrialSpec:
    """Return the spec behind a cell's attempt."""
    fault = {
        "id": planned.fault, "category": planned.category, "error_type": planned.error_type,
        "resolution": "repair" if planned.fixable else "report",
    }  # fmt: skip
    agent = {
        "id": planned.agent, "adapter": "commands", "deterministic": planned.deterministic,
    }  # fmt: skip
    return trial_spec(
        fault, {"id": planned.task, "tags": planned.tags}, agent,
        attempt=attempt, pair=planned.pair, digests=planned.digests,
    )  # fmt: skip


def verdict(of: TrialSpec, played: Result, judge: int) -> Verdict:
    """Return a verdict with a cell's result."""
    facts = {
        "harmed": played.outcome is Outcome.HARMFUL, "claimed": "done", "injected_at": 0.5,
        "solved": played.outcome in {Outcome.PASSED, *MASTERED},
        "seconds": 4.25, "reason": f"planted: {played.outcome}", "judge": judge,
    }  # fmt: skip
    return verdict_of(of, **facts, **played.model_dump(exclude={"attempt", "seed"}))


@pytest.fixture(name="plant")
def _plant(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that stores cells as a run; attempts beyond their results are planned."""

    def plant(name: str, cells: Iterable[Cell], attempts: int = 0, late: int = 0) -> Path:
        specs = [
            (each, spec(each, number))
            for each in cells
            for number in range(1, max(attempts, len(each.results)) + 1)
        ]
        asked = [of.trial for each, of in specs if of.attempt <= len(each.results) - late]
        planned = [of.trial for each, of in specs if of.attempt > len(each.results)]
        with Run.create(tmp_path / name, {"trials": asked + planned}) as run:
            for each, of in specs:
                if of.attempt > len(each.results):
                    continue
                folder = run.trial(of)
                with folder.events() as stream:
                    History(stream, lambda: 0.0).add(Begun(image="i"))
                folder.finish(verdict(of, each.results[of.attempt - 1], each.judge))
        return tmp_path / name

    return plant
