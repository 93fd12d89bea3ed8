"""One fold: steps put together, the fault's intervals, one clock, the agent's last words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.history.events import (
    Action,
    Begun,
    Confirmed,
    Effect,
    Event,
    Exec,
    HandedOver,
    Injected,
    Logged,
    Message,
    ModelCall,
    Observation,
    Present,
    Probed,
    Reverted,
    Solved,
    Surveyed,
    ToolCall,
    Unharmed,
)
from harness.history.timeline import Timeline
from histories import action, checks, does, ends, history, injected, observation

REVERTED = Reverted(injection=1)
GONE, THERE, UNKNOWN = (Probed(step=1, present=present) for present in (False, True, None))


# --- steps ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "steps"),
    [
        pytest.param([Begun(), *ends()], [], id="no step"),
        pytest.param([*does(1, "a"), *does(2, "b")], [("a", 1, []), ("b", 3, [])], id="in turn"),
        pytest.param(
            [action(1, "a"), action(2, "b"), observation(2), observation(1)],
            [("a", 3, []), ("b", 2, [])],
            id="side by side",
        ),
        pytest.param(
            [*does(1, "a"), action(2, "b"), *ends()],
            [("a", 1, []), ("b", None, [])],
            id="the last never ends",
        ),
        pytest.param(
            [*does(1, "a"), action(2, "b"), Exec(step=1, argv=("x",)), Exec(step=2, argv=("y",))],
            [("a", 1, ["x"]), ("b", None, ["y"])],
            id="an earlier step still executes",
        ),
        pytest.param(
            [*does(1, "a"), observation(1), observation(7), Exec(step=7, argv=("x",))],
            [("a", 1, [])],
            id="what belongs to no step is left out",
        ),
    ],
)
def test_an_action_and_what_came_of_it_are_one_step(
    events: list[Event], steps: list[tuple[str, int | None, list[str]]]
) -> None:
    """Command, place of the observation, and executions, by the step's number."""
    found = Timeline(history(events)).steps
    assert steps == [
        (s.command, s.observation and s.observation.seq, [" ".join(e.argv) for e in s.execs])
        for s in found
    ]


def test_a_step_has_what_was_exchanged_before_it() -> None:
    """What the model said since the step before, and what was said after the last."""
    first, tool, log, last = (
        ModelCall(turn=1), ToolCall(tool="edit"), Logged(name="l"), ModelCall(turn=2),
    )  # fmt: skip
    made = Timeline(
        history(first, does(1, "a"), Surveyed(step=1, changed=True), tool, log, does(2, "b"), last)
    )
    assert [[type(e) for e in step.exchanges] for step in made.steps] == [
        [ModelCall],
        [ToolCall, Logged],
    ]
    assert [type(e) for e in made.trailing] == [ModelCall]
    assert [step.survey is not None for step in made.steps] == [True, False]


@pytest.mark.parametrize(
    ("event", "number"),
    [
        pytest.param(Probed(step=1), 1, id="named"),
        pytest.param(Probed(step=None), 2, id="under way"),
        pytest.param(Effect(count=1, pid=7), 2, id="an effect by its process"),
        pytest.param(Effect(count=1, step=1), 1, id="an effect by its step"),
        pytest.param(Exec(step=9), None, id="no such step"),
    ],
)
def test_the_step_of_an_event(event: Event, number: int | None) -> None:
    """It is the one that the event names, else the last that began before it."""
    made = Timeline(history(event, does(1, "a"), action(2, "b"), event, does(3, "c")))
    step = made.step_of(made.events[4])
    assert number == (step and step.number)
    assert made.step_of(None) is None
    early = made.step_of(made.events[0])
    assert early == (made.step(number) if getattr(event, "step", None) else None)


# --- the fault -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "intervals"),
    [
        pytest.param([GONE, REVERTED, *checks(present=False, solved=True)], [], id="no fault"),
        pytest.param([*injected(confirmed=False), GONE], [], id="not confirmed"),
        pytest.param([*injected(), *does(1, "a")], [(1, None, None)], id="to the end"),
        pytest.param([*injected(), THERE, GONE, GONE], [(1, 3, "agent")], id="the agent's repair"),
        pytest.param([*injected(), UNKNOWN, THERE], [(1, None, None)], id="an unknown look"),
        pytest.param([*injected(), REVERTED, GONE], [(1, 2, "harness")], id="a revert"),
        pytest.param(
            [*injected(), *checks(present=False, solved=True)],
            [(1, 3, "agent")],
            id="the last look",
        ),
        pytest.param(
            [*injected(), GONE, *injected(2), Reverted(injection=2)],
            [(1, 2, "agent"), (4, 5, "harness")],
            id="injected again",
        ),
        pytest.param(
            [*injected(), *injected(2), REVERTED], [(1, 4, "harness")], id="injected while there"
        ),
        pytest.param(
            [*injected(), *injected(2, confirmed=False), REVERTED],
            [(1, 3, None)],
            id="the second is not confirmed",
        ),
    ],
)
def test_intervals(
    events: list[Event], intervals: list[tuple[int, int | None, str | None]]
) -> None:
    """From the confirmation to what ended the fault, and by whom; in between it is in force."""
    made = Timeline(history(events))
    assert intervals == [(i.start.seq, i.end and i.end.seq, i.ended_by) for i in made.intervals]
    ends_at = len(made.events)
    assert [event.seq for event in made.events if made.in_force(event)] == [
        place for start, end, _ in intervals for place in range(start, end or ends_at)
    ]


def test_injections() -> None:
    """Each with its confirmation and its revert, as far as there are any."""
    made = Timeline(
        history(injected(), REVERTED, injected(2, confirmed=False), Injected(injection=3))
    )
    assert [
        (i.confirmed and i.confirmed.confirmed, i.reverted is not None) for i in made.injections
    ] == [(True, True), (False, False), (None, False)]
    assert [event.injection for event in made.confirmed] == [1]
    assert made.reverted == {1}


# --- the clock, and the end ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "times"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([Begun(), *ends()], [0.0, 1.0, 2.0], id="never handed over"),
        pytest.param([HandedOver(before=9.0), *ends()], [0.0, 1.0, 2.0], id="at once"),
        pytest.param([Begun(), HandedOver(), *ends()], [0.0, 1.0, 2.0, 3.0], id="unknown when"),
        pytest.param(
            [Begun(), *injected(), HandedOver(before=2.5), *ends()],
            [-2.5, -1.5, -0.5, 3.0, 4.0, 5.0],
            id="earlier events have negative times",
        ),
    ],
)
def test_there_is_one_clock(events: list[Event], times: list[float]) -> None:
    """Seconds since the hand-over, for what came before it too."""
    assert times == [event.t for event in Timeline(history(events)).events]


@pytest.mark.parametrize(
    ("events", "text"),
    [
        pytest.param([], "", id="silence"),
        pytest.param([Message(text="on it")], "", id="not the last"),
        pytest.param([Message(text="on it"), *ends("all done")], "all done", id="the last"),
        pytest.param([*ends("one"), *ends("two")], "two", id="of two the second"),
    ],
)
def test_the_final_message(events: list[Event], text: str) -> None:
    """Only a message that says so is the last."""
    assert Timeline(history(events)).final_message == text


def test_the_checks_are_the_last_ones() -> None:
    """What was not looked at is None."""
    bare = Timeline([])
    assert (bare.solved, bare.present, bare.changed, bare.stopped) == (None,) * 4
    made = Timeline(history(ends(), checks(present=True, solved=False, changed=["/w"]), ends()))
    assert (made.solved, made.present, made.changed) == (False, True, ("/w",))
    assert made.stopped is made.events[-1]
    filtered = Begun(exec_filter="seccomp")
    assert [Timeline(e).sees_executions for e in ([], [Begun()], [filtered])] == [
        False, False, True,
    ]  # fmt: skip


# --- any history ---------------------------------------------------------------------------

SMALL, MAYBE = st.integers(0, 3), st.sampled_from([True, False, None])
PLACED: dict[str, Any] = {"seq": st.integers(-1, 9), "t": st.floats(-9, 9)}
ANY = st.lists(
    st.one_of(
        st.builds(HandedOver, before=st.none() | st.floats(0, 9), **PLACED),
        st.builds(Action, step=SMALL, command=st.just("ls"), **PLACED),
        *(st.builds(kind, step=SMALL, **PLACED) for kind in (Observation, Exec)),
        st.builds(Surveyed, step=SMALL, changed=st.booleans(), **PLACED),
        st.builds(ModelCall, turn=SMALL, **PLACED),
        *(st.builds(kind, injection=SMALL, **PLACED) for kind in (Injected, Reverted)),
        st.builds(Confirmed, injection=SMALL, confirmed=st.booleans(), **PLACED),
        st.builds(Probed, step=st.none() | SMALL, present=MAYBE, **PLACED),
        st.builds(Effect, count=SMALL, step=st.none() | SMALL, **PLACED),
        st.builds(Message, text=st.just("x"), final=st.booleans(), **PLACED),
        st.builds(Present, present=MAYBE, **PLACED),
        st.builds(Unharmed, changed=st.just(()), **PLACED),
        st.builds(Solved, solved=st.booleans(), **PLACED),
    ),
    max_size=25,
)


@given(ANY)
def test_folding_is_total(events: list[Event]) -> None:
    """Whatever comes in whatever order: all of it is kept, in its place, and nothing twice."""
    made = Timeline(events)
    assert [event.seq for event in made.events] == list(range(len(events)))
    assert [type(event) for event in made.events] == [type(event) for event in events]
    assert [step.action for step in made.steps] == list(made.of(Action))
    seen = [step.observation.seq for step in made.steps if step.observation]
    assert len(seen) == len(set(seen))
    exchanged = [e for step in made.steps for e in step.exchanges] + list(made.trailing)
    assert exchanged == list(made.of(ModelCall))


@given(ANY)
def test_intervals_are_in_order(events: list[Event]) -> None:
    """Each ends behind its start, and before the next one; only the last may be open."""
    made = Timeline(events)
    bounds = [(i.start.seq, i.end.seq if i.end else len(events)) for i in made.intervals]
    flat = [place for bound in bounds for place in bound]
    assert flat == sorted(set(flat))
    assert all(interval.end for interval in made.intervals[:-1])
    assert {event.seq for event in made.events if made.in_force(event)} == {
        place for start, end in bounds for place in range(start, end)
    }
    assert all(made.step_of(event) in (None, *made.steps) for event in made.events)
