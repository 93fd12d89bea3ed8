"""SWE-agent's `.traj`: a JSON document with an action and its observation a step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.trajectories.calls import stated_exit
from harness.trajectories.documents import document, read_object, rows, section, text_of, without
from harness.trajectories.trajectory import Problem, Reading, Step, Trajectory, join

_STEP = ("action", "observation", "thought", "response", "execution_time", "query", "messages")


def claims(path: Path) -> bool:
    """Say whether a file has the usual name, or steps under `trajectory`."""
    if path.suffix == ".traj":
        return True
    found = document(path) if path.suffix == ".json" and path.is_file() else None
    return isinstance(found, dict) and isinstance(found.get("trajectory"), list)


def read(path: Path) -> Reading:
    """Return the file's one trajectory; a step that is none is a problem of its own."""
    return read_object(path, lambda found: _reading(found, path))


def _reading(found: dict[str, Any], path: Path) -> Reading:
    steps: list[Step] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows(found.get("trajectory"), "trajectory"), start=1):
        action = row.get("action")
        if isinstance(action, str):
            steps.append(_step(row, action))
        else:
            problems.append(Problem(where=f"{path}: step {number}", why="`action` is no text"))
    model = section(found.get("info")).get("model")
    whole = Trajectory(
        id=path.stem, steps=tuple(steps), task=path.stem, agent="swe-agent",
        model=model if isinstance(model, str) else None,
        extra=without(found, "trajectory", "history"),
    )  # fmt: skip
    return Reading((whole,), tuple(problems))


def _step(row: dict[str, Any], action: str) -> Step:
    seconds = row.get("execution_time")
    shown = text_of(row.get("observation"))
    return Step(
        command=action.rstrip("\n"),
        exit_code=stated_exit(shown),
        output=shown,
        seconds=float(seconds) if isinstance(seconds, (int, float)) else None,
        message=join([text_of(row.get("thought"))]) or text_of(row.get("response")),
        extra=without(row, *_STEP),
    )
