"""Find and read the tasks, faults and sandboxes: the package's own, and the user's.

A root is a folder that holds `tasks/<id>/task.yaml`, `faults/<category>/<id>.yaml` or
`sandboxes/<id>/sandbox.yaml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import harness
from harness.error_taxonomy import taxonomy
from harness.injection.mechanisms.base import Mechanism
from harness.library.diagnostics import DataError, Diagnostic, errors
from harness.library.library import CONTROL, Library, digest
from harness.library.lint import Entry, findings, read
from harness.library.rules.known import Known
from harness.library.shape import Kind
from harness.models.fault import NOOP

GLOBS = ("sandboxes/*/sandbox.yaml", "faults/*/*.yaml", "tasks/*/task.yaml")
STRAYS = (
    ("sandboxes/*/sandbox.yml", "name it sandbox.yaml"),
    ("faults/*/*.yml", "name it .yaml"),
    ("faults/*.yaml", "put it into the folder of its category, faults/<category>/"),
    ("tasks/*/task.yml", "name it task.yaml"),
)

Found = tuple[Path, Diagnostic]
"""A finding and the file it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything found under some roots, usable or not."""

    entries: tuple[Entry, ...]
    strays: tuple[Found, ...]
    """Files that nothing reads, and ids that come twice."""
    known: Known

    def found(self, wanted: Callable[[Path], bool] = lambda _: True) -> list[Diagnostic]:
        """Return the findings of the wanted files, file by file."""
        stray = [diagnostic for path, diagnostic in self.strays if wanted(path)]
        linted = [findings(entry, self.known) for entry in self.entries if wanted(entry.path)]
        return stray + [diagnostic for found in linted for diagnostic in found]


def load(roots: Sequence[Path] | None = None) -> Library:
    """Return all tasks, faults and sandboxes under the roots (default: `default_roots`).

    Raises `DataError` (an `InputError`) with everything that is wrong in any of them.
    """
    gathered = gather(default_roots() if roots is None else roots)
    if wrong := errors(gathered.found()):
        raise DataError(wrong)
    by_kind: dict[Kind, dict[str, Entry]] = {"sandbox": {}, "fault": {}, "task": {}}
    for entry in gathered.entries:
        by_kind[entry.kind][entry.id] = entry
    made = {k: {i: entry.model for i, entry in found.items()} for k, found in by_kind.items()}
    return Library(
        tasks=made["task"],
        faults={NOOP: CONTROL, **made["fault"]},
        sandboxes=made["sandbox"],
        files={k: {i: entry.path for i, entry in found.items()} for k, found in by_kind.items()},
    )


def default_roots() -> list[Path]:
    """Return where data is looked for: with the package, and in the current directory."""
    return [own_root(), Path.cwd()]


def own_root() -> Path:
    """Return where the package's own data is: in a wheel within it, in a checkout beside it."""
    package = Path(harness.__file__).parent
    shipped = package / "_data"
    return shipped if shipped.is_dir() else package.parent


def gather(roots: Iterable[Path], lone: Iterable[Path] = ()) -> Gathered:
    """Read every file under the roots, and lone files; nothing is wrong enough to raise."""
    entries: dict[tuple[Kind, str], Entry] = {}
    strays: list[Found] = []
    for root in _unique(roots):
        strays += _strays(root)
        for path in (path for pattern in GLOBS for path in sorted(root.glob(pattern))):
            _add(read_file(path), root, entries, strays)
    for path in _unique(lone):
        _add(read_file(path), path, entries, strays)
    return Gathered(
        entries=tuple(entries.values()), strays=tuple(strays), known=know(entries.values())
    )


def read_file(path: Path) -> Entry:
    """Read one file; bytes that are no text, or an unreadable file, are findings like others."""
    shown = _show_path(path)
    try:
        content = path.read_bytes()
        return read(content.decode(), path, shown)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        col = error.start - content.rfind(b"\n", 0, error.start)
        problem = Diagnostic(shown, line, col, "E101", "not UTF-8 text")
    except OSError as error:
        problem = Diagnostic(shown, 1, 1, "E408", f"cannot be read: {error.strerror}")
    return read("", path, shown).refused(problem)


def know(entries: Iterable[Entry]) -> Known:
    """Return what the files may refer to: each other, the taxonomy and the mechanisms."""
    by_kind: dict[Kind, dict[str, Entry]] = {"sandbox": {}, "fault": {}, "task": {}}
    for entry in entries:
        by_kind[entry.kind][entry.id] = entry
    tasks = [entry.model for entry in by_kind["task"].values() if entry.model]
    return Known(
        sandboxes={name: entry.model for name, entry in by_kind["sandbox"].items()},
        faults={name: entry.model for name, entry in by_kind["fault"].items()},
        paired=frozenset(pair.fault for task in tasks for pair in task.faults),
        error_types={kind.id: (kind.category, kind.tier) for kind in taxonomy.load().types},
        mechanisms=_mechanisms(),
        inside=inside,
    )


def inside(folder: Path, name: str) -> bool:
    """Say whether a folder holds a file or folder of that name, also once links are followed."""
    there = (folder / name).resolve()
    return there.exists() and there.is_relative_to(folder.resolve())


def _mechanisms() -> Mapping[str, Mechanism]:
    from harness.injection.mechanisms import TABLE  # noqa: PLC0415 - brings the engine's client with it

    return TABLE


def _add(
    entry: Entry, root: Path, entries: dict[tuple[Kind, str], Entry], strays: list[Found]
) -> None:
    """Take an entry in, unless its id is taken; the same definition in two roots is one."""
    first = entries.setdefault((entry.kind, entry.id), entry)
    if (entry.kind, entry.id) == ("fault", NOOP):
        taken: str | None = "the built-in control"
        del entries["fault", NOOP]
    elif first is entry or (
        not first.path.is_relative_to(root)
        and digest(entry.kind, first.path) == digest(entry.kind, entry.path)
    ):
        taken = None
    else:
        taken = first.document.path
    if taken:
        message = f"the id `{entry.id}` is taken by {taken}; rename one of them"
        strays.append((entry.path, Diagnostic(entry.document.path, 1, 1, "E407", message)))


def _strays(root: Path) -> Iterator[Found]:
    for pattern, remedy in STRAYS:
        for path in sorted(root.glob(pattern)):
            message = f"this file is never read; {remedy}"
            yield path, Diagnostic(_show_path(path), 1, 1, "W105", message)


def _unique(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(path.resolve() for path in paths))


def _show_path(path: Path) -> str:
    """Return the path as the user would write it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
