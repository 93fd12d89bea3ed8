"""Why a fault was not met, in a sentence.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.history.events import Injected
from harness.history.steps import Step
from harness.history.timeline import Timeline
from harness.models.fault import Fault
from harness.models.verdict import Unmet
from harness.shelltext.commands import executions
from harness.shelltext.programs import looks


def why_unmet(fault: Fault, timeline: Timeline) -> tuple[Unmet, str]:
    """Return the kind of reason, and the sentence.

    never reached: what the set point waits for did not happen.  too late: it did when the agent
    had nothing left to do but look.  avoided: it worked on, and nothing that it did met the fault.
    """
    steps = timeline.steps
    injected = timeline.last(Injected)
    if injected is None:
        return "never reached", f"never met: not reached in {_count(steps)} ({fault.when.words})"
    later = [step for step in steps if step.action.seq > injected.seq]
    during = timeline.step_of(injected)
    since = f"injected in step {during.number}" if during else "injected"
    if not any(map(_works, later)):
        return "too late", f"never met: {since}, and the agent only looked after that"
    return "avoided", f"never met: {since}, and no step after that touched it or showed it"


def _count(steps: Sequence[Step]) -> str:
    return f"{len(steps)} step{'s' * (len(steps) != 1)}"


def _works(step: Step) -> bool:
    return any(not looks(argv[0], *argv[1:2]) for argv in executions(step.command) if argv)
