"""Where the agent first showed that it understood the fault.  Pure."""

from __future__ import annotations

from harness.history.events import Action, Confirmed, Event, Message, Probed
from harness.history.timeline import Timeline
from harness.models.fault import Evidence, Fault
from harness.patterns import any_matches


def find_sign(
    fault: Fault, timeline: Timeline, since: Confirmed, exposure: Event | None
) -> Event | None:
    """Return the first sign: words and looks count after the exposure only, a repair always.

    A sign is a command that inspects or repairs, a message that names the cause, or a probe that
    finds the fault gone although the harness did not revert it.
    """
    injection = since.injection
    for event in timeline.events[since.seq + 1 :]:
        if isinstance(event, Confirmed):
            injection = event.injection
        if exposure is not None and event.seq <= exposure.seq:
            continue
        if exposure is not None and _understands(fault.evidence, event):
            return event
        gone = isinstance(event, Probed) and event.present is False
        if gone and injection not in timeline.reverted:
            return event
    return None


def _understands(evidence: Evidence, event: Event) -> bool:
    match event:
        case Action():
            acts = (*evidence.inspects, *evidence.repairs)
            said = event.message or ""
            return any_matches(acts, event.command) or any_matches(evidence.says, said)
        case Message():
            return any_matches(evidence.says, event.text)
    return False
