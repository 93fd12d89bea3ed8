"""Where the agent first showed that it understood the fault.  Pure."""

from __future__ import annotations

from collections.abc import Callable

from harness.analysis.understanding import Listener
from harness.history.events import Action, Confirmed, Event, Message, Probed
from harness.history.timeline import Timeline
from harness.models.fault import Fault
from harness.models.task import Task
from harness.patterns import any_matches


def find_sign(
    fault: Fault, task: Task, timeline: Timeline, since: Confirmed, exposure: Event | None
) -> Event | None:
    """Return the first sign: words and looks count after the exposure only, a repair always.

    A sign is a message that names the cause, or a probe that finds the fault gone although the
    harness did not revert it.  The commands of an agent that says nothing while it works are signs,
    too, where they inspect or repair; those of one that speaks are judged by what it says of them.
    """
    injection = since.injection
    shows = _reader(fault, task, timeline, since, exposure) if exposure is not None else None
    for event in timeline.events[since.seq + 1 :]:
        if isinstance(event, Confirmed):
            injection = event.injection
        if exposure is not None and event.seq <= exposure.seq:
            continue
        if shows is not None and shows(event):
            return event
        gone = isinstance(event, Probed) and event.present is False
        if gone and injection not in timeline.reverted:
            return event
    return None


def _reader(
    fault: Fault, task: Task, timeline: Timeline, since: Confirmed, exposure: Event
) -> Callable[[Event], bool]:
    said = [(event, words) for event in timeline.events if (words := _words(event))]
    earlier = [words for event, words in said if event.seq < since.seq]
    listener = Listener(fault, (task.instruction, *earlier))
    silent = all(isinstance(event, Message) and event.final for event, _ in said)
    telling = _telling(fault, task, timeline, exposure) if silent else []

    def shows(event: Event) -> bool:
        acts = isinstance(event, Action) and any_matches(telling, event.command)
        return acts or listener.understands(_words(event))

    return shows


def _words(event: Event) -> str:
    match event:
        case Action():
            return event.message or ""
        case Message():
            return event.text
    return ""


def _telling(fault: Fault, task: Task, timeline: Timeline, exposure: Event) -> list[str]:
    """Return the patterns that match nothing which is done anyway, by the solution or before."""
    before = (step.command for step in timeline.steps if step.action.seq <= exposure.seq)
    usual = (*task.solution, *before)
    acts = (*fault.evidence.inspects, *fault.evidence.repairs)
    return [pattern for pattern in acts if not any_matches([pattern], *usual)]
