"""Our folder for what can be made anew, and the locks that processes take there."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path


def folder() -> Path:
    """Return our cache folder, made if need be."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    made = home / "recovery-harness"
    made.mkdir(parents=True, exist_ok=True)
    return made


@contextlib.contextmanager
def lock(name: str, say: Callable[[str], None]) -> Iterator[None]:
    """Keep this user's other processes out of a piece of work while the block runs."""
    with (folder() / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process to finish ({name})")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
