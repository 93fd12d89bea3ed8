"""How the agent fared with the fault in one trial: met, understood, gone, and since when.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.exposed import find_exposure
from harness.analysis.noticed import find_sign
from harness.history.events import Confirmed, Event, Probed
from harness.history.steps import Step
from harness.history.timeline import Timeline
from harness.models.fault import Fault
from harness.models.task import Task
from harness.shelltext.commands import operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """Events, and facts; None is "never" for events, "unknown" for facts."""

    exposed: Event | None = None
    """Where the agent first ran into the fault."""
    noticed: Event | None = None
    """Where it first showed that it understood."""
    gone: bool | None = None
    """Whether the fault that was confirmed is not there at the last look."""
    repaired: bool | None = None
    """Whether it is gone by the agent's doing; None where that has no meaning."""
    recovered_at: float | None = None
    """When the fault was gone, or the blocked operation succeeded (seconds since hand-over)."""


def encounter(fault: Fault, task: Task, timeline: Timeline) -> Encounter:
    """Follow the fault from the moment it was confirmed to the last look; a control has none."""
    if fault.control or not timeline.confirmed:
        return Encounter()
    first, last = timeline.confirmed[0], timeline.confirmed[-1]
    reverted, present = last.injection in timeline.reverted, timeline.present
    exposure = find_exposure(fault, timeline, first)
    gone = not present if present is not None else (True if reverted else None)
    repaired = None if reverted or present is None else not present
    if repaired:
        recovered_at = _gone_at(timeline, last)
    else:
        recovered_at = _again_at(fault, timeline, exposure, since=_reverted_at(timeline, gone))
    return Encounter(
        exposed=exposure,
        noticed=find_sign(fault, task, timeline, first, exposure),
        gone=gone,
        repaired=repaired,
        recovered_at=recovered_at,
    )


def _reverted_at(timeline: Timeline, gone: bool | None) -> int:
    """Return the place of the last revert, -1 where the fault is still there or none was."""
    places = (each.reverted.seq for each in timeline.injections if each.reverted)
    return max(places, default=-1) if gone else -1


def _gone_at(timeline: Timeline, last: Confirmed) -> float | None:
    """Return the end of the first step with the fault gone for good."""
    since: Probed | None = None
    for event in timeline.of(Probed):
        if event.seq > last.seq and event.present is not None:
            since = None if event.present else since or event
    if since is None:
        return None
    step = timeline.step(since.step)
    return step.observation.t if step and step.observation else since.t


def _again_at(
    fault: Fault, timeline: Timeline, exposure: Event | None, *, since: int
) -> float | None:
    """Return when the blocked operation first succeeded, after the exposure and behind a place.

    The exposed step counts itself where it outlasted the fault: errors first, success last.
    """
    met = timeline.step_of(exposure)
    blocked = operation(met.command) if met else frozenset()
    if exposure is None or not blocked:
        return None
    outlasted = fault.explicit and 0 <= since < exposure.seq
    after = since if outlasted else max(since, exposure.seq)
    for step in sorted(timeline.steps, key=_end):
        itself = step is met and not outlasted
        counts = step.succeeded and _end(step) > after and not itself
        if counts and blocked <= operation(step.command):
            return step.observation.t if step.observation else None
    return None


def _end(step: Step) -> int:
    return step.observation.seq if step.observation else -1
