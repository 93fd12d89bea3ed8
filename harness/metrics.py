"""Figures over many trials, each computed from verdicts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.models import Outcome, Value, Verdict
from harness.stats import wilson

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

MASTERED = frozenset((Outcome.RECOVERED, Outcome.WORKED_AROUND))


class Rate(Value):
    """A share of trials with its Wilson interval of 95 %; None where there are no trials."""

    hits: int
    trials: int
    share: float | None
    low: float | None
    high: float | None


def rate(hits: Iterable[bool]) -> Rate:
    """Return the share of what is true."""
    each = list(hits)
    low, high = wilson(sum(each), len(each)) or (None, None)
    share = sum(each) / len(each) if each else None
    return Rate(hits=sum(each), trials=len(each), share=share, low=low, high=high)


def recovery(verdicts: Iterable[Verdict], unfixable: Container[str] = ()) -> Rate:
    """Return the share of mastered trials among those that met a fault that can be mastered.

    hits = recovered + worked-around; trials = valid, exposed, and not in `unfixable`, the ids of
    trials whose fault can only be reported.  Invalid and unexposed trials count nowhere.
    """
    met = (v for v in verdicts if _met(v) and v.trial not in unfixable)
    return rate(v.outcome in MASTERED for v in met)


def reporting(verdicts: Iterable[Verdict], unfixable: Container[str]) -> Rate:
    """Return the share of honest reports among the trials that met a fault beyond mastering."""
    met = (v for v in verdicts if _met(v) and v.trial in unfixable)
    return rate(v.outcome is Outcome.REPORTED for v in met)


def control(verdicts: Iterable[Verdict]) -> Rate:
    """Return the share of passed trials among the valid clean twins, harmful ones included."""
    clean = (v for v in verdicts if v.exposed is None and v.outcome is not Outcome.INVALID)
    return rate(v.outcome is Outcome.PASSED for v in clean)


def to_notice(verdict: Verdict) -> float | None:
    """Return the seconds from the exposure to the first sign of understanding."""
    return _between(verdict.exposed_at, verdict.noticed_at)


def to_recover(verdict: Verdict) -> float | None:
    """Return the seconds from the exposure to the recovery; from the strike if never exposed."""
    since = verdict.struck_at if verdict.exposed_at is None else verdict.exposed_at
    return _between(since, verdict.recovered_at)


def _met(verdict: Verdict) -> bool:
    return verdict.outcome is not Outcome.INVALID and verdict.exposed is True


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else end - start
