"""The fields of a grid: trials in groups, how many ended well, of how many that count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Literal, TypedDict

from harness.analysis.metrics import METRICS, rate_of
from harness.models.fault import NOOP
from harness.models.verdict import Outcome, Verdict


class Field(TypedDict):
    """The trials of a row (and an agent), summed up."""

    row: str
    agent: str
    """Empty: all agents."""
    metric: Literal["mastery", "passing"]
    """Of `harness.analysis.metrics.METRICS`: the right answer to a fault, or none was needed."""
    hits: int
    trials: int
    """Those that count: valid, and (with a fault) exposed."""
    share: float | None
    low: float | None
    high: float | None
    outcomes: dict[Outcome, int]
    """All of them, those that count nowhere too."""
    differs: int
    """Trials that were solved where their control trial was not, or the other way round."""


def fields(
    verdicts: Sequence[Verdict],
    row: Callable[[Verdict], str],
    unfixable: Container[str],
    control_of: Mapping[str, Verdict],
) -> list[Field]:
    """Return the fields of every row: for each agent, and for all of them."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        for agent in (verdict.agent, ""):
            groups.setdefault((row(verdict), agent), []).append(verdict)
    return [_field(*key, group, unfixable, control_of) for key, group in groups.items()]


def _field(
    row: str,
    agent: str,
    group: Sequence[Verdict],
    unfixable: Container[str],
    control_of: Mapping[str, Verdict],
) -> Field:
    faulted = [v for v in group if v.fault != NOOP]
    rate = rate_of(METRICS["mastery" if faulted else "passing"], faulted or group, unfixable)
    return Field(
        row=row,
        agent=agent,
        metric="mastery" if faulted else "passing",
        hits=rate.hits,
        trials=rate.trials,
        share=rate.share,
        low=rate.low,
        high=rate.high,
        outcomes=dict(Counter(v.outcome for v in group)),
        differs=sum(differs(v, control_of.get(v.trial)) for v in group),
    )


def differs(verdict: Verdict, control: Verdict | None) -> bool:
    """Say whether the fault made the difference between solved and not solved."""
    if control is None or verdict.solved is None or control.solved is None:
        return False
    return verdict.solved != control.solved


def controls(verdicts: Iterable[Verdict]) -> dict[str, Verdict]:
    """Return each faulted trial's control: same task and agent, same attempt or else the first.

    A trial that says nothing (invalid) is no control.
    """
    each = sorted(verdicts, key=lambda v: v.attempt)
    valid = [v for v in each if v.fault == NOOP and v.outcome is not Outcome.INVALID]
    same = {(v.task, v.agent, v.attempt): v for v in valid}
    first = {(v.task, v.agent): v for v in reversed(valid)}
    found = {
        v.trial: same.get((v.task, v.agent, v.attempt), first.get((v.task, v.agent)))
        for v in each
        if v.fault != NOOP
    }
    return {trial: control for trial, control in found.items() if control is not None}
