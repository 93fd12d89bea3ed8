"""What the agent made of a fault it had met, step by step.  Pure."""

from __future__ import annotations

from typing import Literal

from harness.analysis.encounter import Encounter
from harness.history.events import Probed
from harness.history.steps import Step
from harness.history.timeline import Timeline
from harness.models.fault import Evidence, Fault
from harness.patterns import any_matches
from harness.shelltext.commands import operation

Reaction = Literal[
    "inspected", "repaired", "worked-around", "retried", "retried-unchanged", "ignored", "gave-up"
]

_Intent = Literal["inspect", "repair", "retry", "ignore"]


def reactions(fault: Fault, timeline: Timeline, found: Encounter) -> dict[int, Reaction]:
    """Return step -> reaction, from the exposure on and while the fault is there.

    A repair is a step after which the fault is gone by the agent's doing, or one that tries to mend
    it or to go around it; a retry runs the blocked operation again; ignoring is none of these.
    Once a repair or a retry has succeeded, going on is no ignoring, until the symptom shows again.
    """
    known = {step.number: meant for step, meant in _intents(fault.evidence, timeline, found)}
    for interval in timeline.intervals:
        step = timeline.step_of(interval.end)
        if isinstance(interval.end, Probed) and step is not None and step.number in known:
            known[step.number] = "repair"
    numbered = ((timeline.step(n), meant) for n, meant in known.items())
    return {s.number: _reaction(fault, timeline, found, s, meant) for s, meant in numbered if s}


def first_reaction(fault: Fault, timeline: Timeline, found: Encounter, step: Step) -> Reaction:
    """Return what a step right after the exposure was, whether or not the fault was still there."""
    meant = _intent(fault.evidence, step.command, _blocked(timeline, found))
    return _reaction(fault, timeline, found, step, meant)


def _blocked(timeline: Timeline, found: Encounter) -> frozenset[str]:
    met = timeline.step_of(found.exposed)
    return operation(met.command) if met else frozenset()


def _intents(
    evidence: Evidence, timeline: Timeline, found: Encounter
) -> list[tuple[Step, _Intent]]:
    if found.exposed is None:
        return []
    blocked, past = _blocked(timeline, found), False
    meant: list[tuple[Step, _Intent]] = []
    for step in timeline.steps_after(found.exposed):
        intent = _intent(evidence, step.command, blocked)
        counts = timeline.in_force(step.action) and not (past and intent == "ignore")
        if counts:
            meant.append((step, intent))
        past = _is_past(evidence, step, tried=counts and intent in {"repair", "retry"}, before=past)
    return meant


def _is_past(evidence: Evidence, step: Step, *, tried: bool, before: bool) -> bool:
    """Say whether the agent is past the fault, although it may still be there."""
    if step.observation is None:
        return before
    return not shows(evidence, step) and (before or (tried and step.succeeded))


def _intent(evidence: Evidence, command: str, blocked: frozenset[str]) -> _Intent:
    """Return what a command is meant to be; `blocked` is the operation that met the fault."""
    if any_matches(evidence.repairs, command):
        return "repair"
    if any_matches(evidence.inspects, command):
        return "inspect"
    return "retry" if blocked and blocked <= operation(command) else "ignore"


def _reaction(
    fault: Fault, timeline: Timeline, found: Encounter, step: Step, meant: _Intent
) -> Reaction:
    match meant:
        case "inspect":
            return "inspected"
        case "repair":
            return "worked-around" if fault.resolution == "workaround" else "repaired"
        case "retry":
            return _retry(fault, timeline, found, step)
        case "ignore":
            return "ignored"


def _retry(fault: Fault, timeline: Timeline, found: Encounter, step: Step) -> Reaction:
    """Return what trying again was: one that succeeds while the fault is there goes around it."""
    if found.gone is False and step.succeeded and not shows(fault.evidence, step):
        return "worked-around"
    met = timeline.step_of(found.exposed)
    same = met is not None and step.command.split() == met.command.split()
    return "retried-unchanged" if same else "retried"


def shows(evidence: Evidence, step: Step) -> bool:
    """Say whether the symptom shows in what a step printed."""
    seen = step.observation
    return seen is not None and any_matches(evidence.seen, seen.stdout, seen.stderr)
