"""Check tasks, faults and sandboxes: text in, findings out; nothing is opened or started here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.library import rules
from harness.library.diagnostics import Diagnostic
from harness.library.rules.known import Known
from harness.library.salvage import independent, salvage
from harness.library.shape import Kind, model
from harness.library.yaml_positions import Document, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file, read: what it holds, the model if its shape is right, and what is wrong."""

    kind: Kind
    id: str
    path: Path
    document: Document
    model: Any
    """A Task, Fault or Sandbox; None if the file has errors of shape."""
    found: tuple[Diagnostic, ...]

    def refused(self, problem: Diagnostic) -> Entry:
        """Return the entry of a file that could not even be read as text."""
        return replace(self, model=None, found=(problem,))


def kind_of(path: Path) -> Kind:
    """Return what a YAML file defines, by its name."""
    kinds: dict[str, Kind] = {"task.yaml": "task", "sandbox.yaml": "sandbox"}
    return kinds.get(path.name, "fault")


def read(text: str, path: Path, shown: str | None = None) -> Entry:
    """Read one file's text; `shown` is the name that findings give the file."""
    kind = kind_of(path)
    name = path.stem if kind == "fault" else path.absolute().parent.name
    document = parse(text, shown or str(path))
    made, wrong = model(kind, name, document)
    found = (*document.found, *wrong)
    return Entry(
        kind=kind, id=name, path=path, document=document, model=None if found else made, found=found
    )


def findings(entry: Entry, known: Known) -> list[Diagnostic]:
    """Return all that is wrong with a file, in the order of its lines."""
    found = _check(entry, known)
    return sorted({*entry.found, *found}, key=lambda d: (d.line, d.col, d.code, d.message))


def _check(entry: Entry, known: Known) -> Iterable[Diagnostic]:
    """Return the rules that a file breaks, as far as what is right of it can tell."""
    if entry.model is not None:
        return rules.check(entry.model, entry.document, entry.path, known)
    made, wrong = salvage(entry.kind, entry.document)
    if made is None:
        return ()
    found = rules.check(made, entry.document, entry.path, known)
    return independent(found, entry.document, wrong, entry.found)


def diagnose(text: str, path: Path, known: Known) -> list[Diagnostic]:
    """Return all that is wrong with the text of the file at `path`, in the order of its lines."""
    return findings(read(text, path), known)
