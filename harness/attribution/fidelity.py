"""Is a replay what was recorded?  Two histories, step by step: exit code, state, output.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.history.history import Event, of
from harness.injection.mechanisms.replay import normal
from harness.models.nouns import Frozen

ENOUGH = 0.8
"""The share of steps whose output must come out the same for a replay to be believed."""


class Fidelity(Frozen):
    """How far a replay is what was recorded."""

    steps: int
    """How many steps were compared."""
    alike: int
    """How many came out alike in everything."""
    diverged: int | None
    """The first step that ended otherwise (exit code, whether it changed the state, where the
    fault struck), or by which the output of too many differed; None: it can be believed."""

    @property
    def share(self) -> float:
        """Alike, of those compared."""
        return self.alike / self.steps if self.steps else 1.0


def fidelity(recorded: Sequence[Event], replayed: Sequence[Event], steps: int) -> Fidelity:
    """Compare the first `steps` steps of two histories."""
    then, now = _sights(recorded), _sights(replayed)
    strikes = _strikes(recorded), _strikes(replayed)
    alike, diverged = 0, None
    for k in range(1, steps + 1):
        old, new = then.get(k), now.get(k)
        same = old is not None and new is not None and _output(old) == _output(new)
        alike += same
        ended = old is not None and new is not None and _ended_alike(old, new)
        struck = [sum(place <= k for place in places) for places in strikes]
        if diverged is None and (not ended or struck[0] != struck[1] or alike < ENOUGH * k - 1):
            diverged = k
    return Fidelity(steps=steps, alike=alike, diverged=diverged)


def _sights(events: Sequence[Event]) -> dict[int, Event]:
    return {e["step"]: e for e in of(events, "agent", "sees")}


def _strikes(events: Sequence[Event]) -> list[int]:
    """Return for each strike the step that it fell into, or that came next."""
    step, places = 1, []
    for event in events:
        match event["who"], event["what"]:
            case "agent", "sees":
                step = event["step"] + 1
            case "nemesis", "struck":
                places.append(step)
    return places


def _ended_alike(old: Event, new: Event) -> bool:
    """Say whether a step ended the same way: its code, its time-out, and what it did to the state.

    Two states are alike when their digests are, and also when both have just changed: what is
    written may hold a date or an id.
    """
    ends = old["exit_code"] == new["exit_code"] and old["timed_out"] == new["timed_out"]
    states = old["digest"] == new["digest"] or old["changed"] == new["changed"]
    return bool(ends and states)


def _output(event: Event) -> tuple[str, str]:
    return normal(event["stdout"]), normal(event["stderr"])


def replayable(events: Sequence[Event]) -> int:
    """Return how many of the steps can be played again: up to the first tool that is no shell."""
    steps = 0
    for event in events:
        match event["who"], event["what"]:
            case "agent", "uses":
                return steps
            case "agent", "sees":
                steps = event["step"]
    return steps
