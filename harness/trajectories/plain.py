"""The plain form: JSON lines, a step a line, as `harness.trajectories.trajectory.step` reads it."""

from __future__ import annotations

from pathlib import Path

from harness.trajectories import documents, trajectory
from harness.trajectories.trajectory import Problem, Reading, Step, Trajectory


def claims(path: Path) -> bool:
    """Say whether the first line that is JSON is an object with a command."""
    if path.suffix not in (".jsonl", ".ndjson") or not path.is_file():
        return False
    first = next((row for _, row in documents.lines(path) if not isinstance(row, Problem)), None)
    return isinstance(first, dict) and "command" in first


def read(path: Path) -> Reading:
    """Return the file's one trajectory."""
    found = [
        row if isinstance(row, Problem) else _step(row, f"{path}:{number}")
        for number, row in documents.lines(path)
    ]
    steps = tuple(one for one in found if isinstance(one, Step))
    problems = tuple(one for one in found if isinstance(one, Problem))
    whole = Trajectory(id=path.stem, steps=steps)
    return Reading((whole,) if steps or not problems else (), problems)


def _step(row: object, where: str) -> Step | Problem:
    if not isinstance(row, dict):
        return Problem(where=where, why="a step must be an object")
    try:
        return trajectory.step(row)
    except ValueError as error:
        return Problem(where=where, why=str(error))
