"""What a file's shape cannot say: patterns, names that must exist, phrases, ways out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel

    from harness.diagnostics import Diagnostic
    from harness.models import Fault
    from harness.positions import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a file may refer to."""

    sandboxes: frozenset[str]
    faults: Mapping[str, Fault | None]
    """None: there is such a file, but it cannot be used."""
    paired: frozenset[str]
    """Faults that some task declares."""
    error_types: Mapping[str, tuple[str, str]]
    """Category and tier of each."""
    mechanisms: Mapping[str, type[BaseModel]]
    """The settings of each."""
    inside: Callable[[Path, str], bool]
    """Whether a folder holds a file or folder of that relative name, links followed."""


def broken(made: Any, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Return every rule that a well-shaped task, fault or sandbox breaks."""
    yield from ()
