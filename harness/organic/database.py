"""Patterns compiled by Hyperscan, kept in our cache folder: compiling a thousand takes seconds."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hyperscan

from harness import cache

if TYPE_CHECKING:
    from collections.abc import Sequence

FLAGS = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_MULTILINE | hyperscan.HS_FLAG_ALLOWEMPTY
"""One report a pattern; `^` and `$` mean lines."""

FEW = 100
"""patterns that are compiled quickly"""

KEPT = 4
"""databases that stay, a few MB each"""


def of(sources: Sequence[str]) -> Any:
    r"""Return a database of patterns, from the cache where it is there; `\Z` ends the text.

    Whoever scans brings a scratch.  Raises `hyperscan.error` for a pattern that has no automaton.
    """
    expressions = [source.replace(r"\Z", r"\z").encode() for source in sources]
    if len(expressions) < FEW:
        return _compiled(expressions)
    name = f"patterns-{_key(expressions)}"
    with contextlib.suppress(OSError, hyperscan.error):
        return hyperscan.loadb((cache.folder() / name).read_bytes(), hyperscan.HS_MODE_BLOCK)
    made = _compiled(expressions)
    with contextlib.suppress(OSError):
        _keep(cache.folder() / name, hyperscan.dumpb(made))
    return made


def _compiled(expressions: Sequence[bytes]) -> Any:
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
    """Write a file that is whole or not there, and drop the oldest."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
    kept = sorted(path.parent.glob("patterns-*"), key=lambda one: one.stat().st_mtime)
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)
