"""Steps that change nothing need not be asked about: they pass as the one before.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.attribution.search import Found
from harness.history.events import Effect, Event, Injected, Observation, Reverted, Surveyed
from harness.models.trial import TrialSpec

Classes = tuple[int, ...]
"""The k at which each class of equal states begins; the first is 0."""


def classes(spec: TrialSpec, surveyed: Sequence[Event], steps: int, believed: int) -> Classes:
    """Return the classes of a trial of so many steps, by a survey of its first `believed`.

    A step begins a class where it changed anything, where no look was taken, or where the fault did
    anything meanwhile.  Beside a service every step does: what that holds cannot be seen.
    """
    if spec.task.services:
        return tuple(range(steps + 1))
    looks = {e.step: e.changed for e in surveyed if isinstance(e, Surveyed)}
    moved = _fault_steps(surveyed)
    same = {k for k, changed in looks.items() if not changed and k <= believed and k not in moved}
    return tuple(k for k in range(steps + 1) if k not in same)


def _fault_steps(events: Sequence[Event]) -> set[int]:
    """Return the steps in or right before which the fault did something."""
    step, moved = 1, set()
    for event in events:
        match event:
            case Observation():
                step = event.step + 1
            case Injected() | Effect() | Reverted():
                moved |= {step - 1, step}
    return moved


def over(made: Classes, steps: int, near: int, search: Callable[[int, int], Found]) -> Found:
    """Search over the classes: `search(last, near)` answers in classes, this in steps."""
    last = len(made) - 1
    guess = last + 1 if near > steps else max(n for n, k in enumerate(made) if k <= near)
    found = search(last, guess)
    ends = [*(k - 1 for k in made[1:]), steps]
    return found.model_copy(
        update={
            "step": None if found.step is None else made[found.step],
            "low": ends[found.low] if found.passes.get(found.low) else 0,
            "high": None if found.high is None else made[found.high],
            "passes": {made[n]: passed for n, passed in found.passes.items()},
        }
    )
