"""Workflow commands: lines that GitHub turns into notes beside a file's line."""

from __future__ import annotations

from typing import Literal

Level = Literal["error", "warning", "notice"]

MOST = 9
"""annotations of a level; GitHub shows ten a step, and the tenth says how many there are"""


def annotation(
    level: Level, message: str, *, title: str, path: str = "", line: int = 0, col: int = 0
) -> str:
    """Return one annotation; without a path it belongs to the whole job."""
    place = {"file": path, "line": line, "col": col, "title": title}
    named = ",".join(f"{key}={_property(str(value))}" for key, value in place.items() if value)
    return f"::{level} {named}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
