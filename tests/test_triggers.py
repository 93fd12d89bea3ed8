"""A fault is injected exactly when its trigger says, and reverted when its schedule runs out."""

from __future__ import annotations

from typing import Any

import pytest

from harness.history.events import Action, Confirmed, Effect, Event, HandedOver, Observation
from harness.history.steps import Step
from harness.injection import triggers
from harness.injection.triggers import due, spent
from harness.models.trigger import Schedule, Trigger


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


@pytest.mark.parametrize(
    ("when", "steps", "pending", "elapsed", "files", "expected"),
    [
        pytest.param("start", [], None, 0.0, [], True, id="start is always due"),
        pytest.param({"step": 1}, [], None, 9.0, [], False, id="step waits for a command"),
        pytest.param(
            {"step": 1}, [step(1, "ls")], "ls", 0.0, [], True, id="step 1 is the first command"
        ),
        pytest.param(
            {"step": 2}, [step(1, "ls")], "ls", 0.0, [], False, id="step 2 is not the first"
        ),
        pytest.param(
            {"step": 2}, SECOND_BEGUN, "git commit -m x", 2.0, [], True, id="step 2 is the second"
        ),
        pytest.param(
            {"step": 2}, SECOND_BEGUN, None, 2.0, [], False, id="step injects before, not during"
        ),
        pytest.param(
            {"step": 1}, SECOND_BEGUN, "git commit", 2.0, [], True, id="a missed step is made good"
        ),
        pytest.param(
            {"before": r"git commit\b"},
            SECOND_BEGUN,
            "git commit -m x",
            2.0,
            [],
            True,
            id="before the matching command",
        ),
        pytest.param(
            {"before": r"git commit\b"},
            ONE_DONE,
            "git add -A",
            1.0,
            [],
            False,
            id="before another command",
        ),
        pytest.param(
            {"before": r"git commit\b"},
            SECOND_BEGUN,
            None,
            2.0,
            [],
            False,
            id="before only while the command waits",
        ),
        pytest.param(
            {"before": r"^make"},
            [step(1, "cd /w\nmake")],
            "cd /w\nmake",
            0.0,
            [],
            True,
            id="before looks at every line",
        ),
        pytest.param(
            {"after": r"git add"}, ONE_DONE, None, 1.5, [], True, id="after a finished command"
        ),
        pytest.param(
            {"after": r"git commit"},
            SECOND_BEGUN,
            None,
            9.0,
            [],
            False,
            id="after waits for the end of the command",
        ),
        pytest.param(
            {"after": r"git add"},
            SECOND_BEGUN,
            "git commit",
            2.0,
            [],
            True,
            id="after holds while the next command waits",
        ),
        pytest.param({"seconds": 2}, [], None, 1.99, [], False, id="seconds not yet"),
        pytest.param({"seconds": 2}, [], None, 2.0, [], True, id="seconds on the dot"),
        pytest.param({"file": "/w/a"}, [], None, 9.0, ["/w/b"], False, id="another file"),
        pytest.param({"file": "/w/a"}, [], None, 0.0, ["/w/a"], True, id="the file is there"),
        pytest.param(
            {"during": "commit", "after": 0.5},
            SECOND_BEGUN,
            None,
            2.49,
            [],
            False,
            id="during too early",
        ),
        pytest.param(
            {"during": "commit", "after": 0.5},
            SECOND_BEGUN,
            None,
            2.5,
            [],
            True,
            id="during the running command",
        ),
        pytest.param(
            {"during": "commit", "after": 0},
            SECOND_BEGUN,
            "git commit -m x",
            2.0,
            [],
            False,
            id="during waits until the command has begun",
        ),
        pytest.param(
            {"during": "add", "after": 0.1},
            ONE_DONE,
            None,
            9.0,
            [],
            False,
            id="during is over when the command is",
        ),
    ],
)
def test_due(
    when: Any,
    steps: list[Step],
    pending: str | None,
    elapsed: float,
    files: list[str],
    expected: bool,
) -> None:
    """Each kind of trigger holds at its moment and at no other."""
    assert due(Trigger.model_validate(when), steps, pending, elapsed, set(files)) is expected


IN_FORCE = confirmed(1.0)


@pytest.mark.parametrize(
    ("schedule", "events", "elapsed", "expected"),
    [
        pytest.param(
            "until-healed", [IN_FORCE], 999.0, False, id="until-healed never ends by itself"
        ),
        pytest.param("permanent", [IN_FORCE], 999.0, False, id="permanent never ends"),
        pytest.param({"seconds": 3}, [IN_FORCE], 3.99, False, id="seconds not yet"),
        pytest.param({"seconds": 3}, [IN_FORCE], 4.0, True, id="seconds since it was confirmed"),
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
            1.99,
            False,
            id="injected a second before the hand-over: not yet",
        ),
        pytest.param(
            {"seconds": 3},
            [IN_FORCE, HandedOver(before=2.0)],
            2.0,
            True,
            id="injected a second before the hand-over: that second counts",
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
    assert spent(Schedule.model_validate(schedule), events, elapsed) is expected


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        pytest.param(["git", "commit", "-m", "x"], False, id="the program itself"),
        pytest.param(["/bin/bash", "-lc", "git add . && git commit"], True, id="a shell's script"),
        pytest.param(["bash", "-c", "exec bash -c 'git commit'"], True, id="a shell in a shell"),
        pytest.param(["timeout", "9", "sh", "-c", "a; git commit"], True, id="a wrapped shell"),
        pytest.param(["bash", "-c", "if git commit; then :; fi"], True, id="in a construct"),
        pytest.param(["bash", "-c", "cd /tmp; ls"], False, id="a builtin is no execution"),
        pytest.param(["bash", "build.sh"], False, id="a script in a file shows no words"),
        pytest.param([], False, id="nothing"),
    ],
)
def test_a_shell_hands_the_words_on(argv: list[str], expected: bool) -> None:
    """A `before` trigger waits for the program in a shell's script, not for the shell."""
    pattern = r"\bgit commit\b|\bcd\b"
    assert expected == triggers.hands_on(pattern, argv)
