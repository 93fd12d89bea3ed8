"""The gate's statistics: a condition, the evidence for it, and the answer.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from harness.analysis import clustered
from harness.analysis.clustered import FLAWLESS, UNCHANGED, Counted, Couple, Estimate
from harness.analysis.stats import holm
from harness.release.cells import Cell
from harness.release.matching import Pairing
from harness.release.policy import Condition, Rule


class Answer(StrEnum):
    """What a gate, and each of its rules, can say."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


Rows = tuple[Counted, ...] | tuple[Couple, ...]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A condition and the evidence that decides it."""

    rule: Rule
    condition: Condition
    rows: Rows = ()
    """A row a cell: its share, or both shares where it is compared."""
    cells: tuple[Cell, ...] = ()
    """The new run's cells behind the rows, in the same order."""
    before: tuple[Cell, ...] = ()
    """drop: the baseline's, likewise"""
    gaps: tuple[str, ...] = ()
    """What is missing, so that it cannot pass."""

    @cached_property
    def estimate(self) -> Estimate | None:
        """The mean over the cells; None without any."""
        return estimate(self.rows)

    def least_tasks(self, alpha: float) -> int:
        """Return how many tasks a PASS takes."""
        return self.rule.min_tasks or least_tasks(self.condition, alpha)

    def passes(self, alpha: float) -> bool:
        """Say whether the condition is shown to hold."""
        found = self.estimate
        if found is None or self.gaps or found.tasks < self.least_tasks(alpha):
            return False
        return holds(self.condition, found, alpha)

    def fails(self, alpha: float) -> bool:
        """Say whether the condition is shown not to hold."""
        found = self.estimate
        return found is not None and broken(self.condition, found, alpha)


def estimate(rows: Rows) -> Estimate | None:
    """Return the mean of shares or of differences."""
    couples = [row for row in rows if isinstance(row, Couple)]
    if couples:
        return clustered.difference(couples)
    return clustered.share([row for row in rows if isinstance(row, Counted)])


def count_cell(cell: Cell, metric: str) -> Counted:
    """Return a cell's share; a deterministic agent's attempts are one piece of evidence."""
    hits, trials = cell.count(metric)
    return Counted(cell.task, hits / trials, 1 if cell.deterministic else trials)


def questions(rule: Rule, new: Sequence[Cell], pairing: Pairing | None) -> list[Question]:
    """Return what a rule asks of the new cells; `pairing` is theirs with the baseline."""
    return [
        _ask_difference(rule, condition, pairing)
        if condition.kind == "drop"
        else _alone(rule, condition, new)
        for condition in rule.conditions()
    ]


def _alone(rule: Rule, condition: Condition, new: Sequence[Cell]) -> Question:
    metric = condition.metric
    cells = tuple(c for c in new if rule.select.fits(c) and c.count(metric).trials)
    rows = tuple(count_cell(cell, metric) for cell in cells)
    return Question(rule=rule, condition=condition, rows=rows, cells=cells)


def _ask_difference(rule: Rule, condition: Condition, pairing: Pairing | None) -> Question:
    if pairing is None:
        return Question(rule=rule, condition=condition, gaps=("there is no baseline",))
    metric = condition.metric

    def meant(cell: Cell) -> bool:
        return rule.select.fits(cell) and cell.count(metric).trials > 0

    both = [(new, old) for new, old in pairing.common if meant(new) and old.count(metric).trials]
    return Question(
        rule=rule,
        condition=condition,
        rows=tuple(couple(new, old, metric) for new, old in both),
        cells=tuple(new for new, _ in both),
        before=tuple(old for _, old in both),
        gaps=_gap(
            [cell for cell in pairing.missing if meant(cell)],
            "of the baseline's cells are missing",
        )
        + _gap(
            [cell for cell, _ in pairing.changed if meant(cell)],
            "cells are not comparable with the baseline's",
        ),
    )


def couple(new: Cell, old: Cell, metric: str) -> Couple:
    """Return a cell's shares beside each other."""
    mine, theirs = count_cell(new, metric), count_cell(old, metric)
    return Couple(new.task, mine.share, mine.trials, theirs.share, theirs.trials)


def _gap(cells: Sequence[Cell], what: str) -> tuple[str, ...]:
    if not cells:
        return ()
    some = ", ".join(cell.name for cell in cells[:3])
    return (f"{len(cells)} {what} ({some}{', ...' if len(cells) > 3 else ''})",)  # noqa: PLR2004


def answers(asked: Sequence[Question], alpha: float) -> list[Answer]:
    """Return the answers, so that a false FAIL and a false PASS of all are no likelier than alpha.

    FAIL is Holm's step-down over all questions.  PASS needs no correction: all must pass, so that
    the one that does not hold must pass too (an intersection-union test).
    """
    failed = holm(range(len(asked)), lambda i, level: asked[i].fails(level), alpha)
    return [
        Answer.FAIL
        if i in failed
        else Answer.PASS
        if question.passes(alpha)
        else Answer.INCONCLUSIVE
        for i, question in enumerate(asked)
    ]


def together(said: Sequence[Answer]) -> Answer:
    """Return what several answers amount to: one FAIL fails, else one INCONCLUSIVE leaves open."""
    worst = (Answer.FAIL, Answer.INCONCLUSIVE, Answer.PASS)
    return next(answer for answer in worst if answer in {*said, Answer.PASS})


def holds(condition: Condition, found: Estimate, alpha: float) -> bool:
    """Say whether the interval lies on the right side of the limit."""
    low, high = found.bounds(alpha)
    match condition.kind:
        case "least":
            return low > condition.limit
        case "most":
            return high < condition.limit
        case "drop":
            return low > -condition.limit


def broken(condition: Condition, found: Estimate, alpha: float) -> bool:
    """Say whether the interval lies on the wrong side of the limit."""
    low, high = found.bounds(alpha)
    match condition.kind:
        case "least":
            return high < condition.limit
        case "most":
            return low > condition.limit
        case "drop":
            return high < -condition.limit


@lru_cache
def least_tasks(condition: Condition, alpha: float) -> int:
    """Return how many tasks a condition takes where nothing went wrong at all."""
    best = {"least": FLAWLESS, "most": FLAWLESS._replace(mean=0.0), "drop": UNCHANGED}
    return clustered.least_tasks(lambda e, a: holds(condition, e, a), alpha, best[condition.kind])
