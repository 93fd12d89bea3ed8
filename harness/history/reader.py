"""Read a stored history back into events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.history.events import event_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harness.history.events import Event


def read(path: Path) -> list[Event]:
    """Return the events of a stored history; a torn last line (a killed writer) is left out.

    Kinds that are not known here are passed over.  Raises `ValueError` with the line's number for
    a damaged line.
    """
    text = path.read_text(encoding="utf-8", errors="backslashreplace")
    return parse(text.split("\n")[:-1])


def parse(lines: Iterable[str]) -> list[Event]:
    """Return the events that lines of JSON are, empty lines apart."""
    found: list[Event] = []
    for number, line in enumerate(lines, start=1):
        try:
            event = event_of(json.loads(line)) if line else None
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        if event is not None:
            found.append(event)
    return found
