"""A folder that `harness import` wrote: an index, and a plain file a trajectory.

DIR/import.json           the trajectories' ids, tasks, agents, models, outcomes, extras and files
DIR/steps/<n>-<id>.jsonl  the steps of one
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from harness.history.store import write_whole
from harness.trajectories import documents, plain, trajectory
from harness.trajectories.documents import rows, section
from harness.trajectories.trajectory import Reading, Trajectory

FORMAT = 1
_FACTS = ("id", "task", "agent", "model", "solved", "extra")


def claims(path: Path) -> bool:
    """Say whether the folder has an import.json."""
    return (path / "import.json").is_file()


def read(path: Path) -> Reading:
    """Return the trajectories of the index."""
    return documents.read_object(path / "import.json", lambda found: _index(found, path))


def _index(found: dict[str, Any], path: Path) -> Reading:
    return Reading.of(_one(row, path) for row in rows(found.get("trajectories"), "trajectories"))


def _one(row: dict[str, Any], path: Path) -> Reading:
    steps = plain.read(path / str(row.get("file")))
    solved = row.get("solved")
    whole = Trajectory(
        id=str(row.get("id")),
        steps=steps.trajectories[0].steps if steps.trajectories else (),
        task=_text(row, "task"),
        agent=_text(row, "agent"),
        model=_text(row, "model"),
        solved=solved if isinstance(solved, bool) else None,
        extra=section(row.get("extra")),
    )
    return Reading((whole,), steps.problems)


def _text(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    return value if isinstance(value, str) else None


def write(reading: Reading, source: str, folder: Path) -> None:
    """Write a reading as such a folder; the index comes last."""
    (folder / "steps").mkdir(parents=True, exist_ok=True)
    listed = [_write(one, n, folder) for n, one in enumerate(reading.trajectories, start=1)]
    index = {"format": FORMAT, "source": source, "trajectories": listed,
             "problems": [str(problem) for problem in reading.problems]}  # fmt: skip
    write_whole(folder / "import.json", json.dumps(index, indent=1, ensure_ascii=False) + "\n")


def _write(one: Trajectory, number: int, folder: Path) -> dict[str, Any]:
    name = re.sub(r"[^\w.+-]+", "_", one.id)[:80]
    file = f"steps/{number}-{name}.jsonl"
    records = (json.dumps(trajectory.record(step), ensure_ascii=False) for step in one.steps)
    text = "".join(f"{record}\n" for record in records)
    write_whole(folder / file, text.encode("utf-8", "surrogateescape"))
    facts = {name: getattr(one, name) for name in _FACTS}
    return {"file": file, "steps": len(one.steps), **facts}
