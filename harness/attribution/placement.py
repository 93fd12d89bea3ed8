"""A trial made fit to be played again: its fault strikes where it struck.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.history.history import Event, of
from harness.library.library import CONTROL
from harness.models.nouns import TrialSpec, Trigger
from harness.patterns import escape

MORE_STEPS, TIMES = 60, 3
"""What a way on may use beyond the task's limits: steps more, and so many times the seconds."""


def placed(spec: TrialSpec, events: Sequence[Event]) -> TrialSpec:
    """Return the spec with its fault in its recorded place, and room for a way on.

    A fault that goes by the clock strikes by the steps instead: nobody thinks in a replay.  One of
    the agent's model is left out: a replay asks no model.
    """
    limits = spec.task.limits
    more = {"steps": limits.steps + MORE_STEPS, "seconds": limits.seconds * TIMES}
    roomy = spec.task.model_copy(update={"limits": limits.model_copy(update=more)})
    fault = spec.fault if spec.fault.mechanism != "model" else CONTROL
    if fault.when.kind == "seconds":
        fault = fault.model_copy(update={"when": _by_steps(fault.when, events)})
    return spec.model_copy(update={"task": roomy, "fault": fault})


def _by_steps(when: Trigger, events: Sequence[Event]) -> Trigger:
    """Return the step before or during which the fault struck, as a trigger."""
    struck = next(of(events, "nemesis", "struck"), None)
    if struck is None:
        return when
    before = [e for e in events if e["seq"] < struck["seq"]]
    acts = list(of(before, "agent", "acts"))
    if len(acts) == sum(1 for _ in of(before, "agent", "sees")):
        return Trigger(kind="step", value=len(acts) + 1)
    named = rf"\A{escape(acts[-1]['command'])}\z"
    return Trigger(kind="during", value=named, delay=max(0.0, struck["t"] - acts[-1]["t"]))


def pauses(spec: TrialSpec, events: Sequence[Event]) -> tuple[float, ...]:
    """Return the seconds before each recorded command, where the fault's end goes by the clock."""
    if spec.fault.schedule.kind != "seconds":
        return ()
    acts = list(of(events, "agent", "acts"))
    ends = {e["step"]: e["t"] for e in of(events, "agent", "sees")}
    before = [0.0, *(ends.get(act["step"], act["t"]) for act in acts)]
    return tuple(round(max(0.0, act["t"] - end), 3) for act, end in zip(acts, before, strict=False))
