"""Is a replay what was recorded?  Two histories, step by step: exit code, state, output.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.history.events import Event, Injected, Observation, ToolCall
from harness.injection.mechanisms.replay import normal
from harness.models.values import Frozen

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
    fault was injected), or by which the output of too many differed; None: it can be believed."""

    @property
    def share(self) -> float:
        """Alike, of those compared."""
        return self.alike / self.steps if self.steps else 1.0


def fidelity(recorded: Sequence[Event], replayed: Sequence[Event], steps: int) -> Fidelity:
    """Compare the first `steps` steps of two histories."""
    then, now = _observations(recorded), _observations(replayed)
    injections = _injections(recorded), _injections(replayed)
    alike, diverged = 0, None
    for k in range(1, steps + 1):
        old, new = then.get(k), now.get(k)
        same = old is not None and new is not None and _output(old) == _output(new)
        alike += same
        ended = old is not None and new is not None and _ended_alike(old, new)
        happened = [sum(place <= k for place in places) for places in injections]
        if diverged is None and (not ended or happened[0] != happened[1] or alike < ENOUGH * k - 1):
            diverged = k
    return Fidelity(steps=steps, alike=alike, diverged=diverged)


def _observations(events: Sequence[Event]) -> dict[int, Observation]:
    return {event.step: event for event in events if isinstance(event, Observation)}


def _injections(events: Sequence[Event]) -> list[int]:
    """Return for each injection the step that it fell into, or that came next."""
    step, places = 1, []
    for event in events:
        match event:
            case Observation():
                step = event.step + 1
            case Injected():
                places.append(step)
    return places


def _ended_alike(old: Observation, new: Observation) -> bool:
    """Say whether a step ended the same way: its code, its time-out, and what it did to the state.

    Two states are alike when their digests are, and also when both have just changed: what is
    written may hold a date or an id.
    """
    ends = old.exit_code == new.exit_code and old.timed_out == new.timed_out
    states = old.digest == new.digest or old.changed == new.changed
    return bool(ends and states)


def _output(seen: Observation) -> tuple[str, str]:
    return normal(seen.stdout), normal(seen.stderr)


def replayable(events: Sequence[Event]) -> int:
    """Return how many of the steps can be played again: up to the first tool that is no shell."""
    steps = 0
    for event in events:
        match event:
            case ToolCall():
                return steps
            case Observation():
                steps = event.step
    return steps
