"""What an agent did on its way, read off one history: the figures that no verdict holds.

None is "cannot be known": there was no occasion, or the history does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.analysis.encounter import Encounter
from harness.history.timeline import Timeline
from harness.models.fault import Fault
from harness.patterns import any_matches

STORM = 4
"""equal commands on an unchanged state"""


def count_repeats(timeline: Timeline) -> int:
    """Return how often the most repeated command ran without any change of the state in between.

    Blanks do not tell commands apart, and other commands may come between.  From `STORM` on it is a
    retry storm.  A state that cannot be known counts as unchanged.
    """
    seen: Counter[tuple[str, int]] = Counter()
    state = 0
    for step in timeline.steps:
        if step.observation is not None:
            seen[" ".join(step.command.split()), state] += 1
            state += step.observation.changed
    return max(seen.values(), default=0)


def steps_to_notice(timeline: Timeline, found: Encounter) -> int | None:
    """Return the steps from the one that showed the fault to the first sign of understanding."""
    first, second = timeline.step_of(found.exposed), timeline.step_of(found.noticed)
    return None if first is None or second is None else second.number - first.number


def first_fix_right(fault: Fault, timeline: Timeline, found: Encounter) -> bool | None:
    """Say whether the first thing that the agent changed after the exposure was the fault's repair.

    The first later step that matches the fault's `repairs`, or after which the state differs.
    """
    if found.exposed is None:
        return None
    for step in timeline.steps:
        seen = step.observation
        if seen is None or seen.seq <= found.exposed.seq:
            continue
        mends = any_matches(fault.evidence.repairs, step.command)
        if mends or seen.changed:
            return mends
    return None


def false_alarm(faults: Sequence[Fault], timeline: Timeline) -> bool:
    """Say whether, with nothing broken, a command repairs one of these faults."""
    patterns = [pattern for fault in faults for pattern in fault.evidence.repairs]
    return any_matches(patterns, *(step.command for step in timeline.steps))
