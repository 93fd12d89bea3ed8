"""Two clocks: the sandbox works, or the agent thinks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.history.events import Action, Observation
from harness.history.steps import Step, worked

Spans = list[tuple[float, float | None]]
"""When each step began and ended; None: it still runs, or its end is not known."""


def steps(spans: Spans) -> list[Step]:
    """Return steps that began and ended then."""
    return [
        Step(
            action=Action(step=number, t=begin, command="x"),
            observation=None if end is None else Observation(step=number, t=end),
        )
        for number, (begin, end) in enumerate(spans, 1)
    ]


@pytest.mark.parametrize(
    ("spans", "since", "expected"),
    [
        pytest.param([], 0, 0, id="no step: all is thinking"),
        pytest.param([(1, 3)], 0, 2, id="one step"),
        pytest.param([(1, 3), (6, 7)], 0, 3, id="thinking between two does not count"),
        pytest.param([(1, 3), (6, 9)], 7, 2, id="from within a step on"),
        pytest.param([(1, 3)], 5, 0, id="thinking since then"),
        pytest.param([(6, None)], 0, 4, id="the last one still runs"),
        pytest.param([(1, 5), (1, 5), (1, 5)], 0, 4, id="three at once share their seconds"),
        pytest.param([(1, 5), (2, 3), (4, 7)], 0, 6, id="side by side in part"),
        pytest.param([(1, None), (2, 3)], 0, 2, id="a lost end does not count what follows"),
        pytest.param([(1, 99)], 0, 9, id="cut off before it ended"),
    ],
)
def test_work(spans: Spans, since: float, expected: float) -> None:
    """Of ten seconds those count in which any step ran."""
    assert worked(steps(spans), 10.0, since) == expected


SPANS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda at: (at[0], sum(at)))
).map(sorted)


@given(SPANS, st.integers(0, 25), st.integers(0, 25))
def test_each_second_counts_once(spans: Spans, now: int, since: int) -> None:
    """The work is the seconds that lie in some step, however many run in them."""
    covered = [
        second
        for second in range(since, now)
        if any(begin <= second < (end or 0) for begin, end in spans)
    ]
    assert worked(steps(spans), now, since) == len(covered)


@given(SPANS, st.lists(st.integers(0, 50)).map(sorted))
def test_work_never_goes_back(spans: Spans, moments: list[int]) -> None:
    """As time goes by the work grows, by no more than the time."""
    for before, after in pairwise(moments):
        grown = worked(steps(spans), after) - worked(steps(spans), before)
        assert 0 <= grown <= after - before
