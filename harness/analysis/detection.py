"""What should have told the agent of a fault it had met, and what it made of that.  Pure.

The signal is where the exposure rests: the line of the output that matches the fault's `seen`, or,
for a fault that prints nothing, the command or program that touched it.  The reactions are the
steps that followed it while the fault was there, and giving up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from harness.analysis.deeds import Deed, deeds, exposed_step, intent
from harness.analysis.life import Life, life
from harness.analysis.verdict import claimed
from harness.history.reading import Log, names, number, text, truth
from harness.models.nouns import Frozen
from harness.patterns import any_matches, first_line
from harness.shelltext.argv import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.history.history import Event
    from harness.models.nouns import Fault, TrialSpec

Reacted = Literal[
    "inspected", "repaired", "worked-around", "retried", "retried-unchanged", "ignored", "gave-up"
]

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


class Reaction(Frozen):
    """What the agent did about it in one step."""

    step: int | None
    """None: not by a step, but by ending."""
    did: Reacted


class Detection(Frozen):
    """The signal, and what followed it."""

    signal: Signal
    reactions: tuple[Reaction, ...]
    """While the fault was there, in order; the first is what the agent did next."""

    @property
    def then(self) -> Reacted | None:
        """What it did next."""
        return self.reactions[0].did if self.reactions else None


def detection(spec: TrialSpec, log: Log) -> Detection | None:
    """Return the signal and the reactions; None where the agent never met the fault."""
    found = Life() if spec.fault.control else life(spec.fault, log)
    if found.exposed is None:
        return None
    where, line, pattern = _signal(spec.fault, log, found.exposed)
    return Detection(
        signal=Signal(step=exposed_step(log, found), where=where, line=line, pattern=pattern),
        reactions=tuple(_reactions(spec.fault, log, found, found.exposed)),
    )


def _signal(fault: Fault, log: Log, place: int) -> tuple[Where, str | None, str | None]:
    event, step = log.events[place], log.step(place)
    streams: tuple[Where, ...] = ("stderr", "stdout")
    for stream in streams:
        line, pattern = first_line(fault.evidence.seen, text(event, stream))
        if line is not None:
            return stream, line, pattern
    line, pattern = first_line(fault.evidence.touches, log.command(place))
    if line is not None:
        return "command", line, pattern
    for at, run in log.all("agent", "execs"):
        argv = " ".join(names(run, "argv") or ()) if log.step(at) == step else ""
        line, pattern = first_line(fault.evidence.touches, argv)
        if line is not None:
            return "exec", line, pattern
    return "effect", None, None


def _reactions(fault: Fault, log: Log, found: Life, exposed: int) -> Iterator[Reaction]:
    known = deeds(fault, log, found)
    blocked = operation(log.command(exposed))
    acts = [event for _, event in log.all("agent", "acts", after=exposed)]
    for act in acts:
        if _step(act) in known or act is acts[0]:
            meant = intent(fault.evidence, text(act, "command"), blocked)
            deed = known.get(_step(act), meant)
            yield Reaction(step=_step(act), did=_did(fault, log, deed, _step(act), found))
    solved = truth(log.last("checker", "solved"), "solved")
    if claimed(log) != "done" and solved is not True and found.gone is not True:
        yield Reaction(step=None, did="gave-up")
    elif not acts:
        yield Reaction(step=None, did="ignored")


def _did(fault: Fault, log: Log, deed: Deed, step: int, found: Life) -> Reacted:
    match deed:
        case "inspect":
            return "inspected"
        case "repair":
            return "worked-around" if fault.resolution == "workaround" else "repaired"
        case "retry":
            return _retried(fault, log, step, found)
        case "ignore":
            return "ignored"


def _retried(fault: Fault, log: Log, step: int, found: Life) -> Reacted:
    """Return what trying again was: one that succeeds while the fault is there goes around it."""
    seen = next((e for _, e in log.all("agent", "sees") if _step(e) == step), None)
    if found.gone is False and number(seen, "exit_code") == 0 and not _shows(fault, seen):
        return "worked-around"
    command = next(text(e, "command") for _, e in log.all("agent", "acts") if _step(e) == step)
    same = command.split() == log.command(found.exposed or 0).split()
    return "retried-unchanged" if same else "retried"


def _shows(fault: Fault, seen: Event | None) -> bool:
    return any_matches(fault.evidence.seen, text(seen, "stdout"), text(seen, "stderr"))


def _step(event: Event) -> int:
    return int(number(event, "step") or 0)
