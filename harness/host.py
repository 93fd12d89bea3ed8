"""The machine we run on: its engine, its packages, its cache."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Say = Callable[[str], None]


def cache() -> Path:
    """Return our cache folder, made if need be."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "recovery-harness"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def lock(name: str, say: Say) -> Iterator[None]:
    """Keep other processes of this user out of a piece of work while the block runs."""
    with (cache() / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process ({name})")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
