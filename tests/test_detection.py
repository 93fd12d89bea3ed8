"""What should have told the agent, and what it made of it: `harness.analysis.detection`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.detection import Detection, detection, first_line
from harness.history.reading import Log
from harness.models.nouns import TrialSpec

LOCKED = "warning: slow disk\nfatal: .git/index.lock: File exists.\nremove it"
COMMIT = "git commit -m x"


def spec(**changes: Any) -> TrialSpec:
    """Return the spec of a trial with a lock in its way."""
    evidence = {
        "seen": [r"index\.lock.*File exists"], "inspects": [r"\bls\b"], "repairs": [r"\brm\b"],
        **changes.pop("evidence", {}),
    }  # fmt: skip
    fault = {"id": "f", "title": "A lock", "category": "git", "error_type": "lock", **changes}
    task = {
        "id": "t", "title": "t", "instruction": "i", "sandbox": "s", "solution": ["true"],
        "damage": "false",
    }  # fmt: skip
    return TrialSpec.model_validate(
        {
            "trial": "t+f+a+1", "pair": "f", "attempt": 1, "seed": 0, "task": task,
            "fault": {**fault, "evidence": evidence}, "agent": {"id": "a", "adapter": "oracle"},
            "sandbox": {"id": "s", "title": "s"},
        }
    )  # fmt: skip


def history(
    *steps: tuple[str, str, int], said: str = "STATUS: done", solved: bool = False
) -> list[dict[str, Any]]:
    """Return a trial whose fault is there from start to end; a step: command, stderr, exit code."""
    events: list[dict[str, Any]] = [
        {"who": "nemesis", "what": "took", "strike": 1, "took": True, "by": "present"}
    ]
    for n, (command, stderr, code) in enumerate(steps, 1):
        events += [
            {"who": "agent", "what": "acts", "step": n, "command": command, "message": None},
            {"who": "agent", "what": "sees", "step": n, "stdout": "", "stderr": stderr,
             "exit_code": code, "changed": False},
        ]  # fmt: skip
    events += [
        {"who": "agent", "what": "says", "text": said, "final": True},
        {"who": "agent", "what": "stopped", "how": "ended"},
        {"who": "checker", "what": "present", "present": True},
        {"who": "checker", "what": "solved", "solved": solved},
    ]
    return [{"seq": i, "t": float(i), **event} for i, event in enumerate(events)]


def found(events: list[dict[str, Any]], **changes: Any) -> Detection | None:
    return detection(spec(**changes), Log(events))


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
    made = found(history(MET, *steps, said=said))
    assert made is not None
    assert expected == [(r.step, r.did) for r in made.reactions]
    assert expected[0][1] == made.then


def test_the_signal_is_the_line_that_matches() -> None:
    """Of the output, the line that the fault's pattern is on, its step and its stream."""
    made = found(history(("ls src", "", 0), MET))
    assert made is not None
    assert (2, "stderr") == (made.signal.step, made.signal.where)
    assert made.signal.line == "fatal: .git/index.lock: File exists."
    assert made.signal.pattern == r"index\.lock.*File exists"


def test_a_fault_that_prints_nothing_is_met_by_a_touch() -> None:
    """The command that touched what is broken is all the signal there was."""
    made = found(history(("make all", "", 0)), explicit=False, evidence={"touches": [r"\bmake\b"]})
    assert made is not None
    assert ("command", "make all") == (made.signal.where, made.signal.line)


def test_who_never_met_it_needed_no_signal() -> None:
    """No exposure, no detection."""
    assert found(history(("ls", "", 0))) is None


def test_working_around_is_no_repair_where_only_that_is_possible() -> None:
    """The fault's way out says what its remedies are."""
    made = found(history(MET, ("rm x", "", 0)), resolution="workaround")
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
