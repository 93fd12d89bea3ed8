"""What a file may refer to: handed in, so that the rules stay pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.injection.mechanisms.base import Mechanism
from harness.models.fault import Fault
from harness.models.task import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names there are.  A model that is None has a file, but one that cannot be used."""

    sandboxes: Mapping[str, Sandbox | None]
    faults: Mapping[str, Fault | None]
    paired: frozenset[str]
    """Faults that some task declares."""
    error_types: Mapping[str, tuple[str, str]]
    """Category and tier of each."""
    mechanisms: Mapping[str, Mechanism]
    inside: Callable[[Path, str], bool]
    """Whether a folder holds a file or folder of that relative name, links followed."""
