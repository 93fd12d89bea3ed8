"""What the agent made of a fault it had met, step by step: inspect, repair, retry or ignore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from harness.analysis.life import Life
from harness.history.reading import Log, number, text, truth
from harness.patterns import any_matches
from harness.shelltext.commands import operation

if TYPE_CHECKING:
    from harness.history.history import Event
    from harness.models.nouns import Evidence, Fault

Deed = Literal["inspect", "repair", "retry", "ignore"]


def deeds(fault: Fault, log: Log, found: Life) -> dict[int, Deed]:
    """Return what each step was in view of the fault: from the exposure on, while it is there.

    `repair` is a step after which the fault is gone by the agent's doing, or one that tries to mend
    it or to go around it; `retry` runs the blocked operation again; `ignore` does none of these.
    Once a repair or a retry has succeeded, going on is no ignoring, until the symptom shows again.
    """
    if found.exposed is None:
        return {}
    blocked = operation(log.command(found.exposed))
    known: dict[int, Deed] = {}
    there, around, step = False, False, 0
    for place, event in enumerate(log.events):
        if _gone(event) and there and step in known:
            known[step] = "repair"
        there = _there(event, before=there)
        match event.get("who"), event.get("what"):
            case "agent", "acts" if place > found.exposed:
                step = int(number(event, "step") or 0)
                deed = intent(fault.evidence, text(event, "command"), blocked)
                if there and not (around and deed == "ignore"):
                    known[step] = deed
            case "agent", "sees":
                around = _around(fault.evidence, event, known.get(step), before=around)
    return known


def _around(evidence: Evidence, seen: Event, deed: Deed | None, *, before: bool) -> bool:
    """Say whether the agent is past the fault, although it may still be there."""
    if any_matches(evidence.seen, text(seen, "stdout"), text(seen, "stderr")):
        return False
    return before or (deed in {"repair", "retry"} and number(seen, "exit_code") == 0)


def _gone(event: Event) -> bool:
    kind = event.get("who"), event.get("what")
    return kind == ("nemesis", "probed") and truth(event, "present") is False


def exposed_step(log: Log, found: Life) -> int | None:
    """Return the step in which the agent first ran into the fault."""
    step = None if found.exposed is None else log.step(found.exposed)
    return None if step is None else int(step)


def intent(evidence: Evidence, command: str, blocked: frozenset[str]) -> Deed:
    """Return what a command is meant to be; `blocked` is the operation that met the fault."""
    if any_matches(evidence.repairs, command):
        return "repair"
    if any_matches(evidence.inspects, command):
        return "inspect"
    return "retry" if blocked and blocked <= operation(command) else "ignore"


def _there(event: Event, *, before: bool) -> bool:
    """Say whether the fault is in force after an event, as far as is known."""
    match event.get("who"), event.get("what"):
        case "nemesis", "took":
            return truth(event, "took") is True
        case "nemesis", "healed":
            return False
        case "nemesis", "probed":
            return before and truth(event, "present") is not False
    return before
