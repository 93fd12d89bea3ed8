"""A fault strikes exactly when its trigger says, and is healed when its schedule runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.injection import triggers
from harness.injection.triggers import due, spent
from harness.models.nouns import Schedule, Trigger

if TYPE_CHECKING:
    from harness.history.history import Event


def acts(step: int, command: str, t: float = 0.0) -> Event:
    """Return the event of an agent that asks for a command."""
    return {"t": t, "who": "agent", "what": "acts", "step": step, "command": command}


def sees(step: int, t: float = 0.0) -> Event:
    """Return the event of a finished command."""
    return {"t": t, "who": "agent", "what": "sees", "step": step}


def nemesis(what: str, t: float = 0.0, **fields: Any) -> Event:
    """Return an event of the nemesis."""
    return {"t": t, "who": "nemesis", "what": what, **fields}


ONE_DONE = [acts(1, "git add -A", 1.0), sees(1, 1.5)]
SECOND_BEGUN = [*ONE_DONE, acts(2, "git commit -m x", 2.0)]


@pytest.mark.parametrize(
    ("when", "events", "pending", "elapsed", "files", "expected"),
    [
        pytest.param("start", [], None, 0.0, [], True, id="start is always due"),
        pytest.param({"step": 1}, [], None, 9.0, [], False, id="step waits for a command"),
        pytest.param(
            {"step": 1}, [acts(1, "ls")], "ls", 0.0, [], True, id="step 1 is the first command"
        ),
        pytest.param(
            {"step": 2}, [acts(1, "ls")], "ls", 0.0, [], False, id="step 2 is not the first"
        ),
        pytest.param(
            {"step": 2}, SECOND_BEGUN, "git commit -m x", 2.0, [], True, id="step 2 is the second"
        ),
        pytest.param(
            {"step": 2}, SECOND_BEGUN, None, 2.0, [], False, id="step strikes before, not during"
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
            [acts(1, "cd /w\nmake")],
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
    events: list[Event],
    pending: str | None,
    elapsed: float,
    files: list[str],
    expected: bool,
) -> None:
    """Each kind of trigger holds at its moment and at no other."""
    assert due(Trigger.model_validate(when), events, pending, elapsed, set(files)) is expected


TOOK = nemesis("took", 1.0, strike=1, took=True, by="present")


@pytest.mark.parametrize(
    ("schedule", "events", "elapsed", "expected"),
    [
        pytest.param("until-healed", [TOOK], 999.0, False, id="until-healed never ends by itself"),
        pytest.param("permanent", [TOOK], 999.0, False, id="permanent never ends"),
        pytest.param({"seconds": 3}, [TOOK], 3.99, False, id="seconds not yet"),
        pytest.param({"seconds": 3}, [TOOK], 4.0, True, id="seconds since it took"),
        pytest.param({"seconds": 3}, [], 99.0, False, id="a fault that never struck"),
        pytest.param(
            {"seconds": 3},
            [nemesis("took", 1.0, strike=1, took=False)],
            99.0,
            False,
            id="a fault that did not take",
        ),
        pytest.param(
            {"seconds": 3},
            [TOOK, {"t": 0.0, "who": "harness", "what": "handed_over", "before": 2.0}],
            1.99,
            False,
            id="struck a second before the hand-over: not yet",
        ),
        pytest.param(
            {"seconds": 3},
            [TOOK, {"t": 0.0, "who": "harness", "what": "handed_over", "before": 2.0}],
            2.0,
            True,
            id="struck a second before the hand-over: that second counts",
        ),
        pytest.param(
            {"times": 2}, [TOOK, nemesis("effect", step=1, count=1)], 9.0, False, id="one effect"
        ),
        pytest.param(
            {"times": 2},
            [TOOK, nemesis("effect", step=1, count=1), nemesis("effect", step=2, count=2)],
            9.0,
            True,
            id="two effects",
        ),
        pytest.param(
            {"times": 1},
            [nemesis("effect", step=1, count=5), TOOK],
            9.0,
            False,
            id="effects before it took do not count",
        ),
        pytest.param(
            {"seconds": 3},
            [TOOK, nemesis("took", 5.0, strike=2, took=True)],
            6.0,
            False,
            id="the second strike has its own clock",
        ),
    ],
)
def test_spent(schedule: Any, events: list[Event], elapsed: float, expected: bool) -> None:
    """Only a counted or timed fault that took runs out, counted from its last strike."""
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
