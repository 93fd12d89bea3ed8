"""Which planned trials can be played: some faults need what not every agent has."""

from __future__ import annotations

from collections.abc import Sequence

from harness.injection.mechanisms import TABLE
from harness.models.nouns import TrialSpec


def playable(specs: Sequence[TrialSpec]) -> tuple[list[TrialSpec], list[tuple[TrialSpec, str]]]:
    """Return the trials that can be played, and those that cannot with the reason."""
    reasons = [(spec, unfit(spec)) for spec in specs]
    return (
        [spec for spec, why in reasons if why is None],
        [(spec, why) for spec, why in reasons if why is not None],
    )


def unfit(spec: TrialSpec) -> str | None:
    """Return why the agent cannot meet the fault; None if it can."""
    ask = getattr(TABLE[spec.fault.mechanism], "unfit", None)
    why: str | None = ask(spec.agent) if ask is not None else None
    return why
