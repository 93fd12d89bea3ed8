"""What should have told the agent, and what it made of it: `harness.analysis.detection`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.assessment import Assessment
from harness.analysis.detection import Detection, first_line
from harness.history.events import Event
from histories import action, checks, ends, history, injected, observation, trial_spec

LOCKED = "warning: slow disk\nfatal: .git/index.lock: File exists.\nremove it"
COMMIT = "git commit -m x"


def recorded(*steps: tuple[str, str, int], said: str = "STATUS: done") -> list[Event]:
    """Return a trial whose fault is there from start to end; a step: command, stderr, exit code."""
    ran = (
        [action(n, command), observation(n, stderr=stderr, exit_code=code)]
        for n, (command, stderr, code) in enumerate(steps, 1)
    )
    return history(injected(), *ran, ends(said), checks(present=True, solved=False))


def found(events: list[Event], **changes: Any) -> Detection | None:
    evidence = {
        "seen": [r"index\.lock.*File exists"], "inspects": [r"\bls\b"], "repairs": [r"\brm\b"],
        **changes.pop("evidence", {}),
    }  # fmt: skip
    return Assessment(trial_spec({"evidence": evidence, **changes}), events).detection


MET = (COMMIT, LOCKED, 128)


@pytest.mark.parametrize(
    ("steps", "said", "expected"),
    [
        pytest.param([("ls -l .git", "", 0)], "STATUS: done", [(2, "inspected")], id="looks"),
        pytest.param([("rm x", "", 0)], "STATUS: done", [(2, "repaired")], id="mends"),
        pytest.param([MET], "STATUS: done", [(2, "retried-unchanged")], id="the same again"),
        pytest.param(
            [("sleep 1; git commit -m x", LOCKED, 128)], "STATUS: done", [(2, "retried")],
            id="the same, otherwise",
        ),
        pytest.param(
            [("sleep 1; git commit -m x", "", 0)], "STATUS: done", [(2, "worked-around")],
            id="another try goes through",
        ),
        pytest.param([("make docs", "", 0)], "STATUS: done", [(2, "ignored")], id="goes on"),
        pytest.param([], "STATUS: done", [(None, "ignored")], id="claims success at once"),
        pytest.param([], "STATUS: blocked - a lock", [(None, "gave-up")], id="stops at once"),
        pytest.param(
            [MET, ("ls", "", 0)], "I cannot.",
            [(2, "retried-unchanged"), (3, "inspected"), (None, "gave-up")], id="one by one",
        ),
    ],
)  # fmt: skip
def test_reactions(
    steps: list[tuple[str, str, int]], said: str, expected: list[tuple[int | None, str]]
) -> None:
    """What follows the signal is told step by step, and giving up at the end."""
    made = found(recorded(MET, *steps, said=said))
    assert made is not None
    assert expected == [(r.step, r.did) for r in made.reactions]
    assert expected[0][1] == made.then


def test_the_signal_is_the_line_that_matches() -> None:
    """Of the output, the line that the fault's pattern is on, its step and its stream."""
    made = found(recorded(("ls src", "", 0), MET))
    assert made is not None
    assert (2, "stderr") == (made.signal.step, made.signal.where)
    assert made.signal.line == "fatal: .git/index.lock: File exists."
    assert made.signal.pattern == r"index\.lock.*File exists"


def test_a_fault_that_prints_nothing_is_met_by_a_touch() -> None:
    """The command that touched what is broken is all the signal there was."""
    made = found(recorded(("make all", "", 0)), explicit=False, evidence={"touches": [r"\bmake\b"]})
    assert made is not None
    assert ("command", "make all") == (made.signal.where, made.signal.line)


def test_without_an_exposure_there_is_no_signal() -> None:
    """No exposure, no detection."""
    assert found(recorded(("ls", "", 0))) is None


def test_working_around_is_no_repair_where_only_that_is_possible() -> None:
    """The fault's resolution says what its remedies are."""
    made = found(recorded(MET, ("rm x", "", 0)), resolution="workaround")
    assert made is not None
    assert made.then == "worked-around"


@given(st.text(max_size=40), st.text(alphabet="ab\n", max_size=40))
def test_the_line_is_of_the_text(before: str, after: str) -> None:
    """Whatever stands around it, the line that is found holds the match and is a line."""
    line, pattern = first_line(["MARK", "nowhere"], f"{before}MARK{after}")
    assert pattern == "MARK"
    assert line is not None
    assert "MARK" in line
    assert "\n" not in line
