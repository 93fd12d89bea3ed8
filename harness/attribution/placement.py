"""A trial made fit to be played again: its fault is injected where it was.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.history.events import Event
from harness.history.timeline import Timeline
from harness.injection.mechanisms import needs
from harness.library.library import CONTROL
from harness.models.trial import TrialSpec
from harness.models.trigger import Trigger

MORE_STEPS, TIMES = 60, 3
"""What a way on may use beyond the task's limits: steps more, and so many times the seconds."""


def place(spec: TrialSpec, events: Sequence[Event]) -> TrialSpec:
    """Return the spec with its fault in its recorded place, and room for a way on.

    A fault that goes by the clock goes by the steps instead, since a replay spends no time on
    thoughts.  One of the agent's model is left out: a replay asks no model.
    """
    limits = spec.task.limits
    more = {"steps": limits.steps + MORE_STEPS, "seconds": limits.seconds * TIMES}
    roomy = spec.task.model_copy(update={"limits": limits.model_copy(update=more)})
    fault = CONTROL if needs(spec.fault).model_channel else spec.fault
    if fault.when.kind == "seconds":
        fault = fault.model_copy(update={"when": _by_steps(fault.when, events)})
    return spec.model_copy(update={"task": roomy, "fault": fault})


def _by_steps(when: Trigger, events: Sequence[Event]) -> Trigger:
    """Return the step before or during which the fault was injected, as a trigger."""
    timeline = Timeline(events)
    if not timeline.injections:
        return when
    injected = timeline.injections[0].injected
    steps = [step for step in timeline.steps if step.action.seq < injected.seq]
    last = steps[-1] if steps else None
    ended = last is None or (last.observation is not None and last.observation.seq < injected.seq)
    if last is None or ended:
        return Trigger(kind="step", value=len(steps) + 1)
    return Trigger(kind="step", value=len(steps), delay=max(0.0, injected.t - last.action.t))


def pauses(spec: TrialSpec, events: Sequence[Event]) -> tuple[float, ...]:
    """Return the seconds before each recorded command, where the fault's end goes by the clock."""
    if spec.fault.schedule.kind != "seconds":
        return ()
    steps = Timeline(events).steps
    before = [0.0, *(s.observation.t if s.observation else s.action.t for s in steps)]
    pairs = zip(steps, before, strict=False)
    return tuple(round(max(0.0, step.action.t - end), 3) for step, end in pairs)
