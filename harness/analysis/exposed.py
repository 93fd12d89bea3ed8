"""Where the agent first ran into the fault.  Pure."""

from __future__ import annotations

from harness.history.events import Confirmed, Effect, Event, Observation
from harness.history.timeline import Timeline
from harness.models.fault import Evidence, Fault
from harness.patterns import any_matches
from harness.shelltext.commands import doings
from harness.shelltext.programs import shows


def find_exposure(fault: Fault, timeline: Timeline, since: Confirmed) -> Event | None:
    """Return the event that shows the exposure, the first behind the moment of injection.

    It is the observation of a step whose output matches the fault's `seen`, or one of whose
    commands or executions since, those apart that only show something, matches its `touches`; for
    an implicit fault also an effect that its mechanism counted.
    """
    for event in timeline.events[since.seq + 1 :]:
        match event:
            case Observation() if _shows(fault.evidence, timeline, event, since):
                return event
            case Effect() if not fault.explicit:
                return event
    return None


def _shows(evidence: Evidence, timeline: Timeline, seen: Observation, since: Confirmed) -> bool:
    if any_matches(evidence.seen, seen.stdout, seen.stderr):
        return True
    step = timeline.step(seen.step)
    if step is None or not evidence.touches:
        return False
    executed = [run.argv for run in step.execs if run.seq > since.seq]
    ran = [" ".join(argv) for argv in executed if argv and not shows(argv[0].rsplit("/", 1)[-1])]
    # Of a step in the middle of which it was injected, the words before that touched nothing.
    whole = step.action.seq > since.seq or not step.execs
    return any_matches(evidence.touches, *(doings(step.command) if whole else []), *ran)
