"""Files of JSON, read without trust: a broken one is a problem with its place, not an exception."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.trajectories.trajectory import Problem, Reading

PEEK = 1 << 16
"""bytes of a file that are looked at to tell its format"""


class FormatError(ValueError):
    """A document that is not what its format wants; the message says what it wants."""


def head(path: Path) -> str:
    """Return the beginning of a file; '' where there is nothing to read."""
    try:
        with path.open("rb") as stream:
            return stream.read(PEEK).decode("utf-8", "replace")
    except OSError:
        return ""


def document(path: Path) -> Any:
    """Return a JSON file's content, or the Problem that it is."""
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        return Problem(where=str(path), why=f"cannot be read: {error.strerror}")


def read_object(path: Path, read: Callable[[dict[str, Any]], Reading]) -> Reading:
    """Return what `read` makes of a JSON file's object, or the problem that the file is."""
    found = document(path)
    return Reading(problems=(found,)) if isinstance(found, Problem) else check(found, path, read)


def check(found: Any, where: object, read: Callable[[dict[str, Any]], Reading]) -> Reading:
    """Return what `read` makes of an object, or the problem that it is."""
    if not isinstance(found, dict):
        return Reading.failed(where, "must be an object")
    try:
        return read(found)
    except FormatError as error:
        return Reading.failed(where, str(error))


def decode(data: bytes, where: str) -> Any:
    """Return the JSON of some bytes, or the Problem that they are."""
    try:
        return json.loads(data.decode("utf-8", "surrogateescape"))
    except json.JSONDecodeError as error:
        place = f"{where}:{error.lineno}:{error.colno}"
        return Problem(where=place, why=f"not JSON: {error.msg}")
    except RecursionError:
        return Problem(where=where, why="not JSON that can be read: nested too deeply")


def lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number, JSON or Problem) of each line of a file that is not blank."""
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, _line(line, f"{path}:{number}")
    except OSError as error:
        yield 0, Problem(where=str(path), why=f"cannot be read: {error.strerror}")


def _line(line: bytes, where: str) -> Any:
    found = decode(line, where)
    return Problem(where=where, why=found.why) if isinstance(found, Problem) else found


def members(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield (name, JSON or Problem) of each `.json` in a zip archive; a broken one is a problem."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield name, _member(archive, name, f"{path}: {name}")
    except (OSError, zipfile.BadZipFile) as error:
        yield "", Problem(where=str(path), why=f"not a zip archive that can be read: {error}")


def _member(archive: zipfile.ZipFile, name: str, where: str) -> Any:
    try:
        return decode(archive.read(name), where)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        return Problem(where=where, why=f"cannot be unpacked: {error}")


def rows(value: Any, what: str) -> list[dict[str, Any]]:
    """Return a list of objects, or raise FormatError."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise FormatError(f"`{what}` must be a list of objects")
    return value


def section(value: Any) -> dict[str, Any]:
    """Return an object, an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def text_of(content: Any) -> str | None:
    """Return the text of a message's content: a text itself, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return None
    parts = [part if isinstance(part, str) else section(part).get("text") for part in content]
    return "\n".join(part for part in parts if isinstance(part, str)) or None


def without(value: dict[str, Any], *known: str) -> dict[str, Any]:
    """Return what an object holds besides the keys that were understood."""
    return {key: item for key, item in value.items() if key not in known}
