"""The fault's life in one trial, read off the history: met, understood, gone, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.history.reading import Log, names, number, text, truth
from harness.patterns import any_matches
from harness.shelltext.commands import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.history.history import Event
    from harness.models.nouns import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Places in the history and facts; None is "never" for places, "unknown" for facts."""

    exposed: int | None = None
    """Where the agent first ran into the fault."""
    noticed: int | None = None
    """Where it first showed that it understood."""
    gone: bool | None = None
    """Whether the fault that took is not there at the check."""
    repaired: bool | None = None
    """Whether it is gone by the agent's doing; None where that has no meaning."""
    recovered_at: float | None = None
    """When the fault was gone, or the blocked operation succeeded (seconds since hand-over)."""


def life(fault: Fault, log: Log) -> Life:
    """Follow the fault from the moment it took to the check."""
    took = [place for place, event in log.all("nemesis", "took") if truth(event, "took")]
    if not took:
        return Life()
    healed = _healed(log)
    mended = str(log.events[took[-1]].get("strike")) in healed
    present = truth(log.last("checker", "present"), "present")
    exposed = _exposed(fault, log, took[0])
    noticed = _noticed(fault, log, took[0], exposed, healed)
    gone = not present if present is not None else (True if mended else None)
    repaired = None if mended or present is None else not present
    if repaired:
        recovered_at = _gone_at(log, took[-1])
    else:
        since = max(healed.values(), default=-1) if gone else -1
        recovered_at = _again_at(fault, log, exposed, since)
    return Life(
        exposed=exposed, noticed=noticed, gone=gone, repaired=repaired, recovered_at=recovered_at
    )


def _healed(log: Log) -> dict[str, int]:
    """Return the strikes that the harness ended itself, and where."""
    return {str(event.get("strike")): place for place, event in log.all("nemesis", "healed")}


def _exposed(fault: Fault, log: Log, took: int) -> int | None:
    evidence = fault.evidence
    touched = {
        log.step(place)
        for place, event in log.all("agent", "execs", after=took)
        if any_matches(evidence.touches, " ".join(names(event, "argv") or ()))
    }
    for place, event in enumerate(log.events):
        if place <= took:
            continue
        match event.get("who"), event.get("what"):
            case "agent", "sees":
                shows = any_matches(evidence.seen, text(event, "stdout"), text(event, "stderr"))
                touches = any_matches(evidence.touches, log.command(place))
                if shows or touches or log.step(place) in touched:
                    return place
            case "nemesis", "effect" if not fault.explicit:
                return place
    return None


def _noticed(
    fault: Fault, log: Log, took: int, exposed: int | None, healed: dict[str, int]
) -> int | None:
    """Return where the first sign stands: words and looks count after the exposure only."""
    start = took if exposed is None else exposed
    strike = log.events[took].get("strike")
    for place, event in enumerate(log.events):
        if (event.get("who"), event.get("what")) == ("nemesis", "took"):
            strike = event.get("strike")
        if place <= start:
            continue
        if exposed is not None and _understands(fault, event):
            return place
        if _gone_by_the_agent(event) and str(strike) not in healed:
            return place
    return None


def _understands(fault: Fault, event: Event) -> bool:
    evidence = fault.evidence
    match event.get("who"), event.get("what"):
        case "agent", "acts":
            command = text(event, "command")
            return any_matches((*evidence.inspects, *evidence.repairs), command) or any_matches(
                evidence.says, text(event, "message")
            )
        case "agent", "says":
            return any_matches(evidence.says, text(event, "text"))
    return False


def _gone_by_the_agent(event: Event) -> bool:
    kind = event.get("who"), event.get("what")
    return kind == ("nemesis", "probed") and truth(event, "present") is False


def _gone_at(log: Log, took: int) -> float | None:
    """Return the end of the first step with the fault gone for good."""
    since: Event | None = None
    for _, event in log.all("nemesis", "probed", after=took):
        present = truth(event, "present")
        if present is not None:
            since = None if present else since or event
    if since is None:
        return None
    step = number(since, "step")
    ends = (number(e, "t") for _, e in log.all("agent", "sees") if number(e, "step") == step)
    return next(ends, number(since, "t"))


def _again_at(fault: Fault, log: Log, exposed: int | None, since: int) -> float | None:
    """Return when the blocked operation first succeeded, behind a place, after the exposure.

    The exposed step counts itself where it outlasted the fault: errors first, success last.
    """
    if exposed is None:
        return None
    blocked = operation(log.command(exposed))
    outlasted = fault.explicit and 0 <= since < exposed
    itself = None if outlasted else log.step(exposed)
    successes = _successes(log, since if outlasted else max(since, exposed))
    again = (p for p in successes if log.step(p) != itself and blocked <= _does(log, p))
    return log.time(next(again, None)) if blocked else None


def _successes(log: Log, after: int) -> Iterator[int]:
    return (p for p, e in log.all("agent", "sees", after=after) if number(e, "exit_code") == 0)


def _does(log: Log, place: int) -> frozenset[str]:
    return operation(log.command(place))
