"""What an agent did on its way, read off one history: the figures that no verdict holds.

None is "cannot be known": there was no occasion, or the history does not say.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.analysis.life import life
from harness.history.reading import Log, number, truth
from harness.patterns import any_matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.models.nouns import Fault, TrialSpec

STORM = 4
"""equal commands on an unchanged state"""


def repeated(log: Log) -> int:
    """Return how often the most repeated command ran without any change of the state in between.

    Blanks do not tell commands apart, and other commands may come between.  From `STORM` on it is a
    retry storm.  A state that cannot be known counts as unchanged.
    """
    seen: Counter[tuple[str, int]] = Counter()
    state = 0
    for place, event in _steps(log):
        seen[" ".join(log.command(place).split()), state] += 1
        state += truth(event, "changed") is True
    return max(seen.values(), default=0)


def steps_to_notice(spec: TrialSpec, log: Log) -> int | None:
    """Return the steps from the one that showed the fault to the first sign of understanding."""
    found = life(spec.fault, log)
    if found.exposed is None or found.noticed is None:
        return None
    first, second = log.step(found.exposed), log.step(found.noticed)
    return None if first is None or second is None else int(second - first)


def first_fix_right(spec: TrialSpec, log: Log) -> bool | None:
    """Say whether the first thing that the agent changed after the exposure was the fault's repair.

    The first later step that matches the fault's `repairs`, or after which the state differs.
    """
    exposed = life(spec.fault, log).exposed
    if exposed is None:
        return None
    for place, event in _steps(log):
        if place <= exposed:
            continue
        mends = any_matches(spec.fault.evidence.repairs, log.command(place))
        if mends or truth(event, "changed"):
            return mends
    return None


def false_alarm(faults: Sequence[Fault], log: Log) -> bool:
    """Say whether, with nothing broken, a command repairs one of these faults."""
    patterns = [pattern for fault in faults for pattern in fault.evidence.repairs]
    return any_matches(patterns, *log.commands())


def _steps(log: Log) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the observations of the steps, in order."""
    return ((p, e) for p, e in log.all("agent", "sees") if number(e, "step") is not None)
