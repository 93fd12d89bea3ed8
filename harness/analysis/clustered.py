"""Shares and differences over many tasks, with intervals that respect what a task has in common.

A *cell* is a task and a fault (or its control) played by one agent, a few attempts each.  Cells
of one task are alike, and so are the attempts of a cell; tasks are the units that were sampled.  So
the spread is measured between tasks, turned into the number of independent trials that would spread
as much (the effective size), and handed to the score intervals of `harness.analysis.stats`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from typing import NamedTuple

from harness.analysis.stats import Bounds, Fourfold, newcombe_paired, score, student

CAUTION = 0.8
"""Quantiles are taken at this part of alpha.  The approximations err: where a few tasks break
altogether, simulated one-sided errors run up to a fifth above the nominal level."""


class Counted(NamedTuple):
    """A cell's share of successes and the number of independent trials behind it."""

    task: str
    share: float
    trials: int


class Couple(NamedTuple):
    """The same cell of two agents, the new one first."""

    task: str
    new: float
    new_trials: int
    old: float
    old_trials: int


class Estimate(NamedTuple):
    """A mean over cells, and what its interval at any level is computed from."""

    mean: float
    tasks: int
    size: float
    """effective number of trials"""
    error: float
    """standard error, from the spread between tasks"""
    skew: float
    """skewness of the tasks' contributions"""
    pairs: Fourfold | None
    """differences only: the mean fourfold table"""

    def bounds(self, alpha: float) -> Bounds:
        """Return (low, high); each end is missed with a chance of at most alpha.

        Wilson's interval for a share, Newcombe's paired one for a difference, at the effective
        size, with Student's quantile for tasks - 1 degrees of freedom; moved outwards by `_lean`,
        and never further in than `_unseen`.
        """
        least = 0.0 if self.pairs is None else -1.0
        t = student(CAUTION * alpha, self.tasks - 1)
        if t == float("inf"):
            return least, 1.0
        low, high = (
            score(self.mean, self.size, t)
            if self.pairs is None
            else newcombe_paired(self.pairs, self.size, t)
        )
        lean = self._lean(t)
        worst, best = self._unseen(alpha)
        low, high = min(low + min(lean, 0.0), worst), max(high + max(lean, 0.0), best)
        return max(least, low), min(1.0, high)

    def _lean(self, t: float) -> float:
        """Return what Student's interval lacks at the end that the tasks are skewed towards.

        error * skew * (1 + 2 t²) / (6 √tasks) * √(1 - tasks / size): nothing at one trial a task,
        where the score interval is skewed itself.  Source of the term: N. J. Johnson, Modified t
        tests and confidence intervals for asymmetrical populations, JASA 73 (1978).
        """
        within = sqrt(max(0.0, 1 - self.tasks / self.size))
        return self.error * self.skew * (1 + 2 * t * t) / (6 * sqrt(self.tasks)) * within

    def _unseen(self, alpha: float) -> Bounds:
        """Return the mean if tasks of which the sample has none failed, or succeeded, altogether.

        Of a kind of task that makes up 1 - alpha^(1 / tasks) of all, a sample holds none with the
        chance alpha: the rule of three, exactly.
        """
        kind = 1 - alpha ** (1 / self.tasks)
        new = self.mean if self.pairs is None else self.pairs.both + self.pairs.new
        return self.mean - kind * new, self.mean + kind * (1 - new)


def share(cells: Sequence[Counted]) -> Estimate | None:
    """Return the mean share of the cells, each counting the same; None for no cells."""
    if not cells:
        return None
    mean = sum(cell.share for cell in cells) / len(cells)
    limit = len(cells) ** 2 / sum(1 / cell.trials for cell in cells)
    spread = _spread([(cell.task, cell.share - mean) for cell in cells])
    return _estimate(mean, spread, mean * (1 - mean), limit, None)


def difference(couples: Sequence[Couple]) -> Estimate | None:
    """Return the mean of new - old over the cells, each counting the same; None for no cells."""
    if not couples:
        return None
    pairs = Fourfold(
        *(sum(column) / len(couples) for column in zip(*map(_table, couples), strict=True))
    )
    mean = pairs.new - pairs.old
    trials = (min(c.new_trials, c.old_trials) for c in couples)
    limit = len(couples) ** 2 / sum(1 / n for n in trials)
    spread = _spread([(c.task, c.new - c.old - mean) for c in couples])
    return _estimate(mean, spread, pairs.new + pairs.old - mean * mean, limit, pairs)


def least_tasks(bound: Callable[[Estimate, float], bool], alpha: float, best: Estimate) -> int:
    """Return how many tasks it takes until a sample in which nothing went wrong fulfils `bound`.

    `best` is that sample's estimate, with any number of tasks.  With fewer, nothing can: whatever
    the sample shows, the share of tasks that would break `bound` could all have been left out.
    """
    tasks = 2
    while not bound(best._replace(tasks=tasks, size=float(tasks)), alpha):
        tasks += 1
    return tasks


FLAWLESS = Estimate(1.0, 1, 1.0, 0.0, 0.0, None)
"""Every trial a success."""
UNCHANGED = Estimate(0.0, 1, 1.0, 0.0, 0.0, Fourfold(1.0, 0.0, 0.0, 0.0))
"""Every trial a success of both agents."""


def bootstrap(
    tasks: Sequence[Sequence[float]],
    statistic: Callable[[Iterable[float]], float],
    chance: random.Random,
    confidence: float = 0.95,
    rounds: int = 2000,
) -> Bounds | None:
    """Return the percentile interval of a statistic of values that come in tasks; None for none.

    Whole tasks are drawn with replacement, as many as there are.  Source: A. C. Davison and D. V.
    Hinkley, Bootstrap Methods and their Application, 1997, section 3.8.
    """
    if not tasks:
        return None
    drawn = sorted(
        statistic([value for task in chance.choices(tasks, k=len(tasks)) for value in task])
        for _ in range(rounds)
    )
    cut = round((1 - confidence) / 2 * (rounds - 1))
    return drawn[cut], drawn[rounds - 1 - cut]


def _table(couple: Couple) -> Fourfold:
    """Return a cell's fourfold table: within a cell, attempts are independent."""
    both = couple.new * couple.old
    return Fourfold(both, couple.new - both, couple.old - both, 1 - couple.new - couple.old + both)


def _spread(residuals: Sequence[tuple[str, float]]) -> tuple[int, float, float]:
    """Return the number of tasks, the standard error of the mean, and the skewness between tasks.

    With z = a task's sum of residuals * tasks / cells: error² = Σ z² / (C (C - 1)), and the
    skewness is √(C (C - 1)) / (C - 2) * (Σ z³ / C) / (Σ z² / C)^1.5, C being the tasks.
    """
    sums: dict[str, float] = {}
    for task, residual in residuals:
        sums[task] = sums.get(task, 0.0) + residual
    count = len(sums)
    each = [total * count / len(residuals) for total in sums.values()]
    square = sum(z * z for z in each) / count
    if count < 2 or square < 1e-12:  # noqa: PLR2004 - one task does not spread
        return count, 0.0, 0.0
    cube = sum(z**3 for z in each) / count
    skew = cube / square**1.5 * sqrt(count * (count - 1)) / (count - 2) if count > 2 else 0.0  # noqa: PLR2004
    return count, sqrt(square / (count - 1)), skew


def _estimate(
    mean: float,
    spread: tuple[int, float, float],
    variance: float,
    limit: float,
    pairs: Fourfold | None,
) -> Estimate:
    """Return the estimate; `variance` is that of one trial, `limit` the number of trials.

    The effective size is variance / error², at most `limit`.  Where nothing varies at all the
    trials of a task may just repeat each other, so that they count as one.
    """
    tasks, error, skew = spread
    if error > 0:
        size = min(variance / error**2, limit)
    else:
        size = limit if variance > 1e-12 else min(limit, tasks)  # noqa: PLR2004
    return Estimate(mean, tasks, size, error, skew, pairs)
