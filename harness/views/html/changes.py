"""Has a run changed on disk?  Told by the files' times and sizes alone."""

from __future__ import annotations

from pathlib import Path

WATCHED = ("run.json", "trials/*/verdict.json", "trials/*/events.jsonl", "trials/*/blame.json")


def signature(run: Path) -> int:
    """Return a number that is another one when the run has changed."""
    return hash(tuple(_stamp(path) for pattern in WATCHED for path in sorted(run.glob(pattern))))


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return path.name, 0, 0
    return str(path), found.st_mtime_ns, found.st_size
