"""A fault is injected exactly when its trigger says, and reverted when its schedule runs out."""

from __future__ import annotations

from typing import Any

import pytest

from harness.history.events import Action, Confirmed, Effect, Event, HandedOver, Observation
from harness.history.steps import Step
from harness.injection.triggers import coarse_pattern, due, due_by_text, is_meant, spent
from harness.models.trigger import Schedule, Trigger
from harness.patterns import matches


def step(number: int, command: str, began: float = 0.0, ended: float | None = None) -> Step:
    """Return a step; without an end it still runs."""
    return Step(
        action=Action(step=number, command=command, t=began),
        observation=None if ended is None else Observation(step=number, t=ended),
    )


def confirmed(t: float, *, injection: int = 1, confirmed: bool = True) -> Confirmed:
    """Return: whether the fault is in force is found."""
    return Confirmed(injection=injection, confirmed=confirmed, t=t)


ONE_DONE = [step(1, "git add -A", 1.0, 1.5)]
SECOND_BEGUN = [*ONE_DONE, step(2, "git commit -m x", 2.0)]
COMMIT = {"exec": "git", "args": ["commit"]}


@pytest.mark.parametrize(
    ("when", "steps", "pending", "elapsed", "expected"),
    [
        pytest.param("start", [], None, 0.0, True, id="start is always due"),
        pytest.param({"step": 1}, [], None, 9.0, False, id="step waits for a command"),
        pytest.param({"step": 1}, [step(1, "ls")], "ls", 0.0, True, id="step 1 is the first"),
        pytest.param({"step": 2}, [step(1, "ls")], "ls", 0.0, False, id="step 2 is not"),
        pytest.param({"step": 2}, SECOND_BEGUN, "x", 2.0, True, id="step 2 is the second"),
        pytest.param({"step": 2}, SECOND_BEGUN, None, 2.0, False, id="before, not during"),
        pytest.param({"step": 1}, SECOND_BEGUN, "x", 2.0, True, id="a missed step is made good"),
        pytest.param({"step": 2, "for": 1}, SECOND_BEGUN, None, 2.9, False, id="into it: not yet"),
        pytest.param({"step": 2, "for": 1}, SECOND_BEGUN, None, 3.0, True, id="into it"),
        pytest.param({"step": 1, "for": 9}, SECOND_BEGUN, "x", 2.0, True, id="it ended too soon"),
        pytest.param({"step": 3, "for": 0.1}, SECOND_BEGUN, "x", 2.0, False, id="to come"),
        pytest.param({"seconds": 2}, SECOND_BEGUN, None, 3.49, False, id="seconds not yet"),
        pytest.param({"seconds": 2}, SECOND_BEGUN, None, 3.5, True, id="seconds on the dot"),
        pytest.param({"seconds": 2}, ONE_DONE, None, 99.0, False, id="thinking is no work"),
        pytest.param(COMMIT, SECOND_BEGUN, "git commit -m x", 2.0, False, id="for a program"),
    ],
)
def test_due(
    when: Any, steps: list[Step], pending: str | None, elapsed: float, expected: bool
) -> None:
    """What steps and time can tell holds at its moment and at no other."""
    assert due(Trigger.model_validate(when), steps, pending, elapsed) is expected


@pytest.mark.parametrize(
    ("when", "steps", "pending", "elapsed", "expected"),
    [
        pytest.param(COMMIT, SECOND_BEGUN, "git commit -m x", 2.0, True, id="before it runs"),
        pytest.param(COMMIT, ONE_DONE, "git add -A", 1.0, False, id="before another"),
        pytest.param(COMMIT, SECOND_BEGUN, None, 2.0, False, id="only while it waits"),
        pytest.param({"exec": "make"}, [], "cd /w\nmake", 0.0, True, id="on every line"),
        pytest.param({"after": "git"}, ONE_DONE, None, 1.5, True, id="after it has ended"),
        pytest.param({"after": "make"}, SECOND_BEGUN, None, 9.0, False, id="after another"),
        pytest.param({"during": "git", "for": 0.5}, SECOND_BEGUN, None, 2.4, False, id="too soon"),
        pytest.param({"during": "git", "for": 0.5}, SECOND_BEGUN, None, 2.5, True, id="during"),
        pytest.param({"during": "git"}, SECOND_BEGUN, "git", 2.0, False, id="not begun"),
        pytest.param({"during": "git"}, ONE_DONE, None, 9.0, False, id="over"),
        pytest.param({"step": 1}, ONE_DONE, "x", 9.0, False, id="for a step"),
    ],
)
def test_due_by_text(
    when: Any, steps: list[Step], pending: str | None, elapsed: float, expected: bool
) -> None:
    """Where only commands are seen, a program runs as long as the command that names it."""
    trigger = Trigger.model_validate(when)
    assert due_by_text(trigger, steps, pending, elapsed) is expected


@pytest.mark.parametrize(
    ("when", "argv", "expected"),
    [
        pytest.param(COMMIT, ["git", "commit", "-m", "x"], True, id="as typed"),
        pytest.param(COMMIT, ["/usr/bin/git", "-C", "/w", "commit"], True, id="options before"),
        pytest.param(COMMIT, ["git", "log", "--grep", "commits"], False, id="another word"),
        pytest.param(COMMIT, ["echo", "git", "commit"], False, id="another program"),
        pytest.param(COMMIT, ["bash", "-c", "git commit"], False, id="a shell that hands it on"),
        pytest.param({"exec": "parse"}, ["./bin/parse", "x"], True, id="a script by its path"),
        pytest.param({"exec": "parse"}, ["python3", "-u", "bin/parse"], True, id="interpreted"),
        pytest.param({"exec": "parse"}, ["python3", "-c", "parse"], False, id="a text"),
        pytest.param({"exec": "parse"}, ["bash", "-e", "parse"], False, id="an option's"),
        pytest.param({"exec": "unittest"}, ["python3", "-m", "unittest", "-v"], True, id="module"),
        pytest.param({"exec": ["pip", "pip3"]}, ["pip3", "list"], True, id="one of several"),
        pytest.param({"exec": "python3*"}, ["/opt/bin/python3.11"], True, id="a glob"),
        pytest.param({"exec": "*", "args": ["*.csv"]}, ["jq", "a.csv"], True, id="any program"),
        pytest.param({"exec": "*", "args": ["*.csv"]}, ["wc", "a.csv"], False, id="it only shows"),
        pytest.param({"exec": "load", "args": ["a.csv"]}, ["load", "data/a.csv"], True, id="path"),
        pytest.param({"exec": "x", "args": ["a"]}, ["x", "--to=a"], True, id="an option's value"),
        pytest.param({"exec": "x", "args": [["a", "b"], "c"]}, ["x", "c", "b"], True, id="any way"),
        pytest.param({"exec": "x", "args": ["a", "c"]}, ["x", "a"], False, id="one is missing"),
        pytest.param({"exec": "x"}, [], False, id="nothing"),
        pytest.param({"step": 1}, ["step"], False, id="no program is waited for"),
    ],
)
def test_which_execution_is_meant(when: Any, argv: list[str], expected: bool) -> None:
    """Name and arguments as data: not the folder, the order, or the shell around it."""
    trigger = Trigger.model_validate(when)
    assert is_meant(trigger, argv) is expected
    if expected:
        assert matches(coarse_pattern(trigger), " ".join(argv))


IN_FORCE = confirmed(1.0)


@pytest.mark.parametrize(
    ("schedule", "events", "elapsed", "expected"),
    [
        pytest.param(
            "until-healed", [IN_FORCE], 999.0, False, id="until-healed never ends by itself"
        ),
        pytest.param("permanent", [IN_FORCE], 999.0, False, id="permanent never ends"),
        pytest.param({"seconds": 3}, [IN_FORCE], 4.49, False, id="seconds not yet"),
        pytest.param({"seconds": 3}, [IN_FORCE], 4.5, True, id="seconds of work since then"),
        pytest.param({"seconds": 3}, [], 99.0, False, id="a fault that was never injected"),
        pytest.param(
            {"seconds": 3},
            [confirmed(1.0, confirmed=False)],
            99.0,
            False,
            id="a fault that was not confirmed",
        ),
        pytest.param(
            {"seconds": 3},
            [IN_FORCE, HandedOver(before=2.0)],
            4.49,
            False,
            id="injected before the hand-over: not yet",
        ),
        pytest.param(
            {"seconds": 3},
            [IN_FORCE, HandedOver(before=2.0)],
            4.5,
            True,
            id="injected before the hand-over: all work since then counts",
        ),
        pytest.param(
            {"times": 2}, [IN_FORCE, Effect(step=1, count=1)], 9.0, False, id="one effect"
        ),
        pytest.param(
            {"times": 2},
            [IN_FORCE, Effect(step=1, count=1), Effect(step=2, count=2)],
            9.0,
            True,
            id="two effects",
        ),
        pytest.param(
            {"times": 1},
            [Effect(step=1, count=5), IN_FORCE],
            9.0,
            False,
            id="effects before it was confirmed do not count",
        ),
        pytest.param(
            {"seconds": 3},
            [IN_FORCE, confirmed(5.0, injection=2)],
            6.0,
            False,
            id="the second injection has its own clock",
        ),
    ],
)
def test_spent(schedule: Any, events: list[Event], elapsed: float, expected: bool) -> None:
    """Only a counted or timed fault in force runs out, counted from its last injection."""
    assert spent(Schedule.model_validate(schedule), events, SECOND_BEGUN, elapsed) is expected
