"""What a file's shape cannot say: patterns, names that must exist, phrases, resolutions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.library.diagnostics import Diagnostic
from harness.library.rules import faults, sandboxes, tasks
from harness.library.rules.known import Known
from harness.library.shape import Model
from harness.library.yaml_positions import Document
from harness.models.fault import Fault
from harness.models.task import Task


def check(made: Model, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Return every rule that a well-shaped task, fault or sandbox breaks."""
    match made:
        case Task():
            return tasks.check(made, document, path, known)
        case Fault():
            return faults.check(made, document, path, known)
        case _:
            return sandboxes.check(made, document, path, known)
