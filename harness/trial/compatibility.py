"""Which planned trials can be played: some faults need what not every agent has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.agents import endpoint_of
from harness.errors import NothingSelected
from harness.injection.mechanisms import needs
from harness.models.trial import TrialSpec


def playable(specs: Sequence[TrialSpec], note: Callable[[str], None]) -> list[TrialSpec]:
    """Return the trials that can be played; `note` is called with a line for each that cannot.

    Raises `NothingSelected` when none can.
    """
    reasons = {spec.trial: unfit(spec) for spec in specs}
    for trial, why in reasons.items():
        if why is not None:
            note(f"skipped: {trial}: {why}")
    able = [spec for spec in specs if reasons[spec.trial] is None]
    if not able:
        raise NothingSelected("no agent that was named can meet these faults")
    return able


def unfit(spec: TrialSpec) -> str | None:
    """Return why the agent cannot meet the fault; None if it can."""
    if needs(spec.fault).model_channel and endpoint_of(spec.agent) is None:
        return "its model is not at the gateway"
    return None
