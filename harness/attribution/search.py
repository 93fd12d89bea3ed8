"""Where does a way on stop passing?  Bisection over k, checked at random; pure.

`passes(k)` says whether the way on passes after the first k steps; None: unknown.  What
wins after k + 1 steps wins after k of them too, by taking step k + 1: so all passes come before all
fails, as long as the way on is as good from any start.  Where a check finds that it is not, every k
is asked.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from harness.models.values import Frozen

CHECKS = 3
"""Random k outside the bracket that are asked at most."""


class Found(Frozen):
    """What a search has found out about one way on."""

    step: int | None
    """The smallest k from which on it does not pass; 0: not even from the start; None: it passes
    after every step.  It holds only when `certain`."""
    certain: bool
    low: int
    """It passes up to here, as far as is known."""
    high: int | None
    """It is known not to pass from here on; None: not known of any k."""
    scanned: bool
    """A check found a pass behind a fail, so that every k was asked."""
    passes: dict[int, bool | None]
    """k -> what was asked and answered."""

    @property
    def replays(self) -> int:
        """How many k were asked."""
        return len(self.passes)


def budget(steps: int) -> int:
    """Return how many k are asked at most, unless all are: log2(steps) + 3."""
    return max(steps, 1).bit_length() - 1 + CHECKS


def search(
    passes: Callable[[int], bool | None],
    steps: int,
    chance: random.Random,
    near: int | None = None,
) -> Found:
    """Find the smallest k in 1..steps from which on `passes` is false.

    `near` is where it is looked for first.  k = 0 is asked as well where all hangs on it.
    """
    asked: dict[int, bool | None] = {}

    def ask(k: int) -> bool | None:
        if k not in asked:
            asked[k] = passes(k)
        return asked[k]

    low, high = 0, steps + 1
    for k in _near(near, steps):
        if low == 0:
            low, high = (k, high) if ask(k) else (low, k)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if ask(middle) else (low, middle)
    for k in _checks(low, high, steps, asked, chance):
        ask(k)
    broken = _broken(asked)
    if broken:
        for k in range(steps + 1):
            ask(k)
    return read(asked, steps, scanned=broken)


def _near(near: int | None, steps: int) -> Sequence[int]:
    """Return the k to begin with: the guess, and the one before it where there is room for both."""
    if near is None or near < 1:
        return ()
    if near > steps:
        return (steps,)
    room = near > 1 and 3 + (near - 2).bit_length() <= budget(steps)
    return (near, near - 1) if room else (near,)


def _checks(
    low: int, high: int, steps: int, asked: Mapping[int, bool | None], chance: random.Random
) -> list[int]:
    """Return k outside the bracket: the start where all hangs on it, others by chance."""
    left = min(CHECKS, budget(steps) - len(asked))
    start = [0] if low == 0 and 0 not in asked else []
    others = [k for k in (*range(low), *range(high + 1, steps + 1)) if k not in asked]
    return [*start, *chance.sample(others, min(len(others), max(0, left - len(start))))]


def _broken(asked: Mapping[int, bool | None]) -> bool:
    """Say whether there is a pass behind a fail."""
    fails = [k for k, passed in asked.items() if passed is False]
    return any(passed and k > min(fails, default=k) for k, passed in asked.items())


def read(asked: Mapping[int, bool | None], steps: int, *, scanned: bool) -> Found:
    """Read the answer off what is known: the step behind the last pass.

    It is certain when that pass and the fail right behind it are known, and nothing unknown can
    hide a later pass; or when it fails from the start.
    """
    low = max((k for k, passed in asked.items() if passed), default=0)
    high = min((k for k, passed in asked.items() if passed is False and k >= low), default=None)
    closed = asked.get(low) is True and (low == steps or high == low + 1)
    hidden = scanned and any(p is None and k > low for k, p in asked.items())
    return Found(
        step=high,
        certain=high == 0 or (closed and not hidden),
        low=low,
        high=high,
        scanned=scanned,
        passes=dict(sorted(asked.items())),
    )
