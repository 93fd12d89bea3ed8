"""Trajectories as other programs write them, each format a module that has all of `Format`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from harness.errors import InputError
from harness.trajectories import (
    atif,
    imported,
    inspect,
    mini_swe_agent,
    openhands,
    plain,
    run,
    swe_agent,
    terminal_bench,
)
from harness.trajectories.trajectory import Reading


class Format(Protocol):
    """A way to write trajectories down."""

    def claims(self, path: Path) -> bool:
        """Say whether a file or folder looks like the format's."""

    def read(self, path: Path) -> Reading:
        """Return all that can be read, and a `Problem` with its place for the rest."""


FOREIGN: dict[str, Format] = {
    "terminal-bench": terminal_bench,
    "openhands": openhands,
    "plain": plain,
    "atif": atif,
    "mini-swe-agent": mini_swe_agent,
    "swe-agent": swe_agent,
    "inspect": inspect,
}
"""What `harness import` takes."""

TABLE: dict[str, Format] = {"run": run, "import": imported, **FOREIGN}
"""In the order in which they are asked whether a path is theirs."""


def read(path: Path, name: str | None = None) -> Reading:
    """Return the trajectories of a file or folder, of the named format or of the first to claim it.

    A folder that no format claims is searched for files of any of them.  InputError: there is
    nothing of the kind.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    found = list(_claim(path, TABLE if name is None else {name: TABLE[name]}))
    if not found and name is not None and path.is_file():
        found = [(path, TABLE[name])]
    if not found:
        known = ", ".join(TABLE) if name is None else name
        raise InputError(f"{path}: no trajectory in a format that is known ({known})")
    return Reading.of(_prefix(module.read(one), one, path) for one, module in found)


def _claim(path: Path, table: dict[str, Format]) -> Iterator[tuple[Path, Format]]:
    module = next((one for one in table.values() if one.claims(path)), None)
    if module is not None:
        yield path, module
    elif path.is_dir():
        for inner in sorted(path.iterdir()):
            if not inner.name.startswith(".") and not inner.is_symlink():
                yield from _claim(inner, table)


def _prefix(reading: Reading, one: Path, root: Path) -> Reading:
    """Return a reading; found in a searched folder, its ids begin with where."""
    if one == root:
        return reading
    where = one.relative_to(root).parent
    prefix = "" if str(where) == "." else f"{where}/"
    renamed = tuple(t.called(prefix + t.id) for t in reading.trajectories)
    return Reading(renamed, reading.problems)
