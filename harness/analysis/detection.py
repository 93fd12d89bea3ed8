"""What should have told the agent of a fault it had met, and what it made of that.  Pure.

The signal is where the exposure rests: the line of the output that matches the fault's `seen`, or,
for a fault that prints nothing, the command or program that touched it.  The reactions are the
steps that followed it while the fault was there, and giving up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from harness.analysis.claimed import read_claim
from harness.analysis.encounter import Encounter
from harness.analysis.reactions import Reaction, first_reaction, reactions
from harness.history.events import Event, Observation
from harness.history.timeline import Timeline
from harness.models.fault import Fault
from harness.models.values import Frozen
from harness.patterns import first_line

Where = Literal["stdout", "stderr", "command", "exec", "effect"]


class Signal(Frozen):
    """What should have told the agent."""

    step: int | None
    """The step in which it met the fault."""
    where: Where
    """`command`, `exec`: it touched what is broken, and need have seen nothing; `effect`: the
    mechanism counted an effect on it."""
    line: str | None
    """The line of the output, or the command, that matches; None where there is none."""
    pattern: str | None
    """The fault's pattern that matches it."""


class StepReaction(Frozen):
    """What the agent did about it in one step."""

    step: int | None
    """None: not by a step, but by ending."""
    did: Reaction


class Detection(Frozen):
    """The signal, and what followed it."""

    signal: Signal
    reactions: tuple[StepReaction, ...]
    """While the fault was there, in order; the first is what the agent did next."""

    @property
    def then(self) -> Reaction | None:
        """What it did next."""
        return self.reactions[0].did if self.reactions else None


def detection(fault: Fault, timeline: Timeline, found: Encounter) -> Detection | None:
    """Return the signal and the reactions; None where the agent never met the fault."""
    if found.exposed is None:
        return None
    where, line, pattern = _signal(fault, timeline, found.exposed)
    met = timeline.step_of(found.exposed)
    signal = Signal(step=met.number if met else None, where=where, line=line, pattern=pattern)
    reacted = tuple(_step_reactions(fault, timeline, found, found.exposed))
    return Detection(signal=signal, reactions=reacted)


def _signal(
    fault: Fault, timeline: Timeline, exposure: Event
) -> tuple[Where, str | None, str | None]:
    step = timeline.step_of(exposure)
    for where, texts, patterns in (
        ("stderr", _streams(exposure, "stderr"), fault.evidence.seen),
        ("stdout", _streams(exposure, "stdout"), fault.evidence.seen),
        ("command", [step.command] if step else [], fault.evidence.touches),
        ("exec", [" ".join(e.argv) for e in step.execs] if step else [], fault.evidence.touches),
    ):
        for text in texts:
            line, pattern = first_line(patterns, text)
            if line is not None:
                return where, line, pattern  # type: ignore[return-value]
    return "effect", None, None


def _streams(exposure: Event, name: Literal["stdout", "stderr"]) -> list[str]:
    if not isinstance(exposure, Observation):
        return []
    return [exposure.stderr if name == "stderr" else exposure.stdout]


def _step_reactions(
    fault: Fault, timeline: Timeline, found: Encounter, exposure: Event
) -> Iterator[StepReaction]:
    known = reactions(fault, timeline, found)
    after = list(timeline.steps_after(exposure))
    for step in after:
        if step.number in known:
            yield StepReaction(step=step.number, did=known[step.number])
        elif step is after[0]:
            did = first_reaction(fault, timeline, found, step)
            yield StepReaction(step=step.number, did=did)
    unsolved = timeline.solved is not True and found.gone is not True
    if read_claim(timeline) != "done" and unsolved:
        yield StepReaction(step=None, did="gave-up")
    elif not after:
        yield StepReaction(step=None, did="ignored")
