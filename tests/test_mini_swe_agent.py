"""mini-swe-agent's real loop and its own scripted model, through `harness run`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.__main__ import main
from harness.history.events import Action, Logged, Stopped
from harness.history.store import Run, TrialFolder
from harness.history.timeline import Timeline
from harness.library.load import load

pytestmark = pytest.mark.container

SOLUTION = load().tasks["fix-slug"].solution
*WORK, COMMIT, LOG = SOLUTION
UNLOCK = "rm -f .git/index.lock"
SUBMIT = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT; echo 'STATUS: done'"


def turn(command: str, says: str = "Next.") -> dict[str, Any]:
    """Return one answer of the model: words, and a command."""
    extra = {"actions": [{"command": command}], "cost": 0.0, "timestamp": 0.0}
    return {"role": "assistant", "content": says, "extra": extra}


def agent_file(folder: Path, commands: list[str], says: dict[str, str] | None = None) -> Path:
    """Write an agent file whose model says these commands, one after the other."""
    outputs = [turn(command, (says or {}).get(command, "Next.")) for command in commands]
    path = folder / "mini.yaml"
    options = {"model_class": "deterministic", "outputs": outputs}
    data = {"adapter": "mini-swe-agent", "deterministic": True, "options": options}
    path.write_text(yaml.safe_dump(data))
    return path


def run(
    tmp_path: Path, commands: list[str], says: dict[str, str] | None = None
) -> tuple[dict[str, Any], Timeline, TrialFolder]:
    """Play the faulted trial and return its verdict, history and folder."""
    agent = agent_file(tmp_path, commands, says)
    out = tmp_path / "run"
    pair = ["-t", "fix-slug", "-f", "lock_at_the_start", "-a", str(agent), "-o", str(out)]
    assert main(["run", *pair, "-j", "2", "--json"]) == 0
    folder = Run.open(out).folder("fix-slug+lock_at_the_start+mini+1")
    verdict = folder.read_verdict()
    assert verdict is not None
    return verdict.model_dump(mode="json"), Timeline(folder.read_events()), folder


def test_it_recovers_when_its_model_removes_the_lock(tmp_path: Path) -> None:
    """Every command passes our gate, its words are its messages, and the transcript is kept."""
    commands = [*WORK, COMMIT, UNLOCK, COMMIT, LOG, SUBMIT]
    words = {UNLOCK: "A crashed git left a stale lock behind."}
    verdict, timeline, folder = run(tmp_path, commands, words)
    assert (verdict["outcome"], verdict["claimed"]) == ("recovered", "done")
    actions = timeline.of(Action)
    assert [action.command for action in actions] == commands
    assert [a.message for a in actions if a.command == UNLOCK] == [words[UNLOCK]]
    (logged,) = timeline.of(Logged)
    messages = json.loads((folder.path / "artifacts" / logged.artifacts[0]).read_bytes())
    assert [m["role"] for m in messages[:3]] == ["system", "user", "assistant"]
    assert messages[-1]["extra"]["exit_status"] == "Submitted"
    shown = "".join(str(message["content"]) for message in messages)
    assert "File exists" in shown


def test_it_misses_when_its_model_does_not_look(tmp_path: Path) -> None:
    """A model that goes on as if nothing were wrong claims a success that is none."""
    verdict, _, _ = run(tmp_path, [*WORK, COMMIT, LOG, SUBMIT])
    assert (verdict["outcome"], verdict["false_success"]) == ("missed", True)


def test_the_limits_of_the_task_cut_it_off(tmp_path: Path) -> None:
    """A model that never comes to an end is stopped, and what it said until then is kept."""
    limit = load().tasks["fix-slug"].limits.steps
    verdict, timeline, _ = run(tmp_path, [*WORK, COMMIT, *["true"] * (limit + 5)])
    assert (verdict["outcome"], verdict["claimed"], verdict["steps"]) == (
        "missed",
        "cut-off",
        limit,
    )
    assert timeline.of(Logged)


def test_a_model_that_has_no_more_to_say_is_a_crash_of_the_agent(tmp_path: Path) -> None:
    """When its own code fails, that is told as its end, and the trial has its verdict."""
    verdict, timeline, _ = run(tmp_path, [*WORK, COMMIT])
    (stopped,) = timeline.of(Stopped)
    assert (stopped.how, verdict["claimed"]) == ("crashed", "nothing")
    assert "IndexError" in stopped.why
    assert verdict["outcome"] == "missed"
