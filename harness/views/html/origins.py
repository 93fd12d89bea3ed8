"""Where failures come from: the step in which a trial that was not solved went wrong."""

from __future__ import annotations

from typing import Literal, TypedDict

from harness.attribution.document import went_wrong
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome, Verdict
from harness.views.html.lane import Lane

_WELL = {Outcome.INVALID, Outcome.UNEXPOSED, Outcome.REPORTED}
"""Not solved, and yet no fault was met that did it."""


class Origin(TypedDict):
    """The step that a failure goes back to."""

    trial: str
    task: str
    pair: str
    agent: str
    step: int
    steps: int
    """How many steps the trial had."""
    by: Literal["blamed", "exposed"]
    """The first wrong step found by experiment, or (a stand-in) the one that met the fault."""


def origin(spec: TrialSpec, picture: Lane, verdict: Verdict | None) -> Origin | None:
    """Return where a trial went wrong; None if it did not, or if that is unknown."""
    if not went_wrong(verdict):
        return None
    met = verdict.solved is False and verdict.outcome not in _WELL
    for by in ("blamed", "exposed") if met else ("blamed",):
        for step in picture["steps"]:
            if by in step["marks"]:
                return Origin(
                    trial=spec.trial,
                    task=spec.task.id,
                    pair=spec.pair,
                    agent=spec.agent.id,
                    step=step["n"],
                    steps=len(picture["steps"]),
                    by="blamed" if by == "blamed" else "exposed",
                )
    return None
