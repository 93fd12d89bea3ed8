"""The library: every task, fault and sandbox there is, checked, with its files and digest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.library.shape import Kind
from harness.models.fault import NOOP, Fault
from harness.models.task import Sandbox, Task

CONTROL = Fault(
    id=NOOP,
    title="Nothing goes wrong: the control trial",
    category="none",
    error_type="none",
    mechanism="noop",
)
"""The fault of every control trial; it has no file."""

_CACHES = frozenset({"__pycache__", ".DS_Store", ".mypy_cache", ".pytest_cache", ".ruff_cache"})


@dataclass(frozen=True, kw_only=True)
class Library:
    """What can be run.  `faults` holds `noop` too, which has neither file nor folder."""

    tasks: Mapping[str, Task]
    faults: Mapping[str, Fault]
    sandboxes: Mapping[str, Sandbox]
    files: Mapping[Kind, Mapping[str, Path]]
    """The YAML file of each id."""

    @cached_property
    def folders(self) -> Mapping[Kind, Mapping[str, Path]]:
        """The folder of each id; a fault's is the one beside its file, which may not exist."""
        return {
            kind: {name: folder(kind, path) for name, path in paths.items()}
            for kind, paths in self.files.items()
        }

    def assets(self, fault: str) -> Path | None:
        """Return the folder beside a fault's file, if it has one."""
        path = self.files["fault"].get(fault)
        beside = folder("fault", path) if path else None
        return beside if beside and beside.is_dir() else None

    def digest(self, kind: Kind, name: str) -> str:
        """Return the sha256 of a definition: names, executable bits and contents of its files."""
        if (kind, name) == ("fault", NOOP):
            return hashlib.sha256(CONTROL.model_dump_json().encode()).hexdigest()
        return digest(kind, self.files[kind][name])


def folder(kind: Kind, path: Path) -> Path:
    """Return the folder that belongs to a YAML file."""
    return path.with_suffix("") if kind == "fault" else path.parent


def digest(kind: Kind, path: Path) -> str:
    """Return the sha256 of what belongs to a YAML file, wherever the library is installed.

    Caches that running the files leaves behind do not count.
    """
    total = hashlib.sha256()
    beside = folder(kind, path)
    files = {name: beside / name for name in _names(beside)}
    if kind == "fault":
        files = {f"{beside.name}/{name}": file for name, file in files.items()} | {path.name: path}
    for name in sorted(files):
        mark, content = _content(files[name])
        total.update(f"{mark} {len(content)} {name}\0".encode() + content)
    return total.hexdigest()


def _names(beside: Path) -> Iterator[str]:
    """Return the relative names of all files in a folder."""
    for where, folders, files in os.walk(beside):
        links = [name for name in folders if Path(where, name).is_symlink()]
        folders[:] = [name for name in folders if name not in _CACHES and name not in links]
        for name in (*files, *links):
            if name not in _CACHES and not name.endswith(".pyc"):
                yield Path(where, name).relative_to(beside).as_posix()


def _content(file: Path) -> tuple[str, bytes]:
    """Return what kind of file it is, and its bytes (a link's: where it points)."""
    if file.is_symlink():
        return "l", os.fsencode(file.readlink())
    return ("x" if file.stat().st_mode & 0o100 else "-"), file.read_bytes()
