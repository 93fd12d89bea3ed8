"""A run's trials as a sample: which count, which control belongs to which, and averages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

from harness.analysis import metrics, stats
from harness.analysis.assessment import Assessment
from harness.analysis.clustered import bootstrap
from harness.analysis.metrics import Rate
from harness.models.trial import TrialSpec
from harness.models.values import Frozen
from harness.models.verdict import Outcome, Verdict


class Trial(NamedTuple):
    """A finished trial."""

    spec: TrialSpec
    verdict: Verdict
    assessment: Assessment


class Average(Frozen):
    """A middle value; None where there is nothing to average."""

    value: float | None
    low: float | None
    high: float | None
    trials: int


def valid(trials: Iterable[Trial]) -> list[Trial]:
    """Return the trials that say something about the agent."""
    return [t for t in trials if t.verdict.outcome is not Outcome.INVALID]


def faulted(trials: Iterable[Trial]) -> list[Trial]:
    """Return the valid trials with a fault."""
    return [t for t in valid(trials) if not t.spec.fault.control]


def pairs(trials: Iterable[Trial]) -> list[tuple[Trial, Trial]]:
    """Return (faulted, control trial) by task, agent and attempt."""
    controls = {_who(t): t for t in valid(trials) if t.spec.fault.control}
    return [(t, controls[_who(t)]) for t in faulted(trials) if _who(t) in controls]


def _who(each: Trial) -> tuple[str, str, int]:
    return each.spec.task.id, each.spec.agent.id, each.spec.attempt


def rate_of(metric: str, trials: Sequence[Trial]) -> Rate:
    """Return the rate of one of `harness.analysis.metrics.METRICS`."""
    unfixable = {t.verdict.trial for t in trials if not t.spec.fault.fixable}
    return metrics.rate_of(metrics.METRICS[metric], (t.verdict for t in trials), unfixable)


def average(
    values: Sequence[tuple[str, float]], middle: Callable[[Iterable[float]], float]
) -> Average:
    """Return a middle of (task, value) with the bootstrap's interval over tasks."""
    if not values:
        return Average(value=None, low=None, high=None, trials=0)
    tasks: dict[str, list[float]] = {}
    for task, value in values:
        tasks.setdefault(task, []).append(value)
    low, high = bootstrap(list(tasks.values()), middle, random.Random(0)) or (None, None)
    found = middle(value for _, value in values)
    return Average(value=found, low=low, high=high, trials=len(values))


def survival(trials: Sequence[Trial], after: Callable[[Trial], float | None]) -> Average:
    """Return the Kaplan-Meier median of times that may not have ended; without an interval."""
    times = []
    for each in faulted(trials):
        since, until = each.verdict.exposed_at, each.verdict.seconds
        if since is None or until is None:
            continue
        took = after(each)
        times.append((max(0.0, until - since), False) if took is None else (took, True))
    curve = stats.kaplan_meier(times)
    return Average(value=stats.median(curve), low=None, high=None, trials=len(times))


def attempts(trials: Sequence[Trial], share: Callable[[int, int, int], float | None]) -> Average:
    """Return the mean over cells of a share of k attempts, k being what every cell has."""
    cells: dict[tuple[str, str, str], list[bool]] = {}
    for each in faulted(trials):
        answer = metrics.is_mastery(each.verdict, fixable=each.spec.fault.fixable)
        if answer is not None:
            key = each.spec.task.id, each.spec.pair, each.spec.agent.id
            cells.setdefault(key, []).append(answer)
    k = min(map(len, cells.values()), default=0)
    values = [(key[0], share(sum(hits), len(hits), k)) for key, hits in cells.items()]
    return average([(task, value) for task, value in values if value is not None], fmean)
