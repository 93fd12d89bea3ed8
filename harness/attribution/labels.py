"""Three labels read off what the ways on showed.  Pure.

The exposed step comes from the history.  The point of no return is the smallest k after which no
way on passes; the value drop is where the share of them that pass falls most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from harness.attribution.document import Drop
from harness.attribution.search import Found


class Point(NamedTuple):
    """The point of no return, or why there is none to be named."""

    step: int | None
    between: tuple[int, int | None] | None
    reason: str


def able(ways: Mapping[str, Found]) -> dict[str, Found]:
    """Return the ways on that can pass at all: those that fail from the start say nothing."""
    return {name: found for name, found in ways.items() if not (found.certain and found.step == 0)}


def point(ways: Mapping[str, Found]) -> Point:
    """Return the point of no return over all ways on."""
    left = able(ways)
    if not left:
        return Point(None, None, "no way on passes even from the start: nothing was there to lose")
    never = sorted(name for name, f in left.items() if f.certain and f.step is None)
    if never:
        said = f"{never[0]} still passes after the last step: nothing was lost, only left undone"
        return Point(None, None, said)
    unknown = sorted(name for name, f in left.items() if not f.certain)
    if unknown:
        return Point(None, _between(left), f"the replays cannot tell it ({', '.join(unknown)})")
    step = max(f.step or 0 for f in left.values())
    return Point(step, None, f"before step {step} there is a way on that passes, after it none")


def _between(ways: Mapping[str, Found]) -> tuple[int, int | None]:
    highs = [f.high for f in ways.values()]
    known = [high for high in highs if high is not None]
    return max(f.low for f in ways.values()) + 1, max(known) if len(known) == len(highs) else None


def drop(ways: Mapping[str, Found]) -> Drop | None:
    """Return the first of the largest falls of the pass share; None where it never falls.

    Share after k = ways on that pass after step k / ways on that can pass at all; only those count
    whose answer is certain.
    """
    known = [f.step for f in able(ways).values() if f.certain]
    falls = Counter(step for step in known if step is not None)
    if not falls:
        return None
    step = min(falls, key=lambda k: (-falls[k], k))
    before = sum(each is None or each >= step for each in known)
    share = [round(n / len(known), 4) for n in (before, before - falls[step])]
    return Drop(step=step, before=share[0], after=share[1])
