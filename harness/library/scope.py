"""Which tasks, faults and sandboxes the paths on a command line mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.library.load import GLOBS, default_roots

FOLDERS = frozenset({"tasks", "faults", "sandboxes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What to read, and which of it was asked for."""

    roots: tuple[Path, ...]
    lone: tuple[Path, ...]
    """Files that stand under no root."""
    wanted: tuple[Path, ...]
    """Files and folders asked for."""

    def __contains__(self, path: Path) -> bool:
        """Say whether a file was asked for."""
        return any(path.is_relative_to(wanted) for wanted in self.wanted)


def scope(paths: Sequence[Path]) -> Scope:
    """Return what the paths mean; none means everything.

    Other data is read too, because tasks and faults refer to each other.  Raises `InputError`
    for a path that does not exist, and for one that holds nothing to check.
    """
    wanted = tuple(_require(path) for path in paths)
    roots = tuple(path.resolve() for path in default_roots())
    lone: list[Path] = []
    for path in wanted:
        found = [root for root in (path, *path.parents) if _holds(root, path)]
        if found:
            roots += (found[0],)
        elif path.is_file() and path.suffix == ".yaml":
            lone.append(path)
        else:
            raise InputError(f"{path}: no task, fault or sandbox; a root holds {', '.join(GLOBS)}")
    return Scope(roots=roots, lone=tuple(lone), wanted=wanted or roots)


def _require(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    return path.resolve()


def _holds(root: Path, path: Path) -> bool:
    """Say whether a root has data files in, or as, the path."""
    if path != root and path.relative_to(root).parts[0] not in FOLDERS:
        return False
    return any(file == path or path in file.parents for file in _files(root))


def _files(root: Path) -> Iterable[Path]:
    return (file for pattern in GLOBS for file in root.glob(pattern))
