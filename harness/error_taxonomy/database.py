"""Patterns compiled by Hyperscan, kept in our cache folder: compiling a thousand takes seconds."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hyperscan

from harness import cache_folder
from harness.history.store import write_whole

FLAGS = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_MULTILINE | hyperscan.HS_FLAG_ALLOWEMPTY
"""One report a pattern; `^` and `$` mean lines."""

FEW = 100
"""patterns that are compiled quickly"""

KEPT = 4
"""databases that stay, a few MB each"""


def of(sources: Sequence[str]) -> Any:
    """Return a database of patterns, from the cache where it is there.

    Each scan brings a scratch.  Raises `hyperscan.error` for a pattern that has no automaton.
    """
    expressions = [source.encode() for source in sources]
    if len(expressions) < FEW:
        return _compile(expressions)
    name = f"patterns-{_key(expressions)}"
    with contextlib.suppress(OSError, hyperscan.error):
        return hyperscan.loadb((cache_folder.folder() / name).read_bytes(), hyperscan.HS_MODE_BLOCK)
    made = _compile(expressions)
    with contextlib.suppress(OSError):
        _keep(cache_folder.folder() / name, hyperscan.dumpb(made))
    return made


def _compile(expressions: Sequence[bytes]) -> Any:
    made = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    count = len(expressions)
    flags = [FLAGS | (0 if one.isascii() else hyperscan.HS_FLAG_UTF8) for one in expressions]
    made.compile(expressions, ids=range(count), elements=count, flags=flags)
    return made


def _key(expressions: Sequence[bytes]) -> str:
    """Return what tells databases apart; one for another processor is refused when it is loaded."""
    total = hashlib.sha256(f"{version('hyperscan')} {FLAGS}".encode())
    total.update(b"\0".join(expressions))
    return total.hexdigest()[:16]


def _keep(path: Path, content: bytes) -> None:
    """Write a file, and drop the oldest of its kind."""
    write_whole(path, content)
    kept = sorted(path.parent.glob("patterns-*"), key=lambda one: one.stat().st_mtime)
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)
