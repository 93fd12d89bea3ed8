"""Read a stored history back into events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from harness.history.events import Event

KINDS: dict[tuple[str, str], type[Event]] = {
    (kind.model_fields["who"].default, kind.model_fields["what"].default): kind
    for kind in get_args(Event)
}
"""(who, what) -> class."""


def event_of(data: Any) -> Event | None:
    """Return the event that a JSON object is; None for a kind that is not known here.

    Raises `pydantic.ValidationError` (a `ValueError`) for a known kind that is damaged.
    """
    named = (str(data.get("who")), str(data.get("what"))) if isinstance(data, dict) else ("", "")
    kind = KINDS.get(named)
    return None if kind is None else kind.model_validate(data)


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
