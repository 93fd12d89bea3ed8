"""Many patterns, one pass: which of them match a text.

Hyperscan runs them all over the text at once, in time linear in it; RE2, which is linear, too, says
where one of them matches.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import hyperscan

from harness.error_taxonomy import database
from harness.patterns import compile_pattern


class Patterns:
    """A fixed list of patterns, made ready; a pattern is named by its place in the list."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = tuple(sources)
        self._own = threading.local()

    @cached_property
    def _all(self) -> Any:
        return database.of(self._sources)

    def matching(self, text: bytes) -> list[int]:
        """Return the patterns that are found in the text (UTF-8), in their order."""
        found: list[int] = []
        self._all.scan(text, _note, context=found, scratch=self._scratch())
        found.sort()
        return found

    def _scratch(self) -> Any:
        """Return the room to scan in, which no two threads may use at once."""
        try:
            return self._own.scratch
        except AttributeError:
            self._own.scratch = hyperscan.Scratch(self._all)
            return self._own.scratch

    def starts(self, place: int, text: bytes) -> Iterator[int]:
        """Yield where a pattern matches."""
        return (found.start() for found in compile_pattern(self._sources[place]).finditer(text))

    def last(self, place: int, text: bytes) -> int | None:
        """Return where a pattern matches last."""
        last = None
        for found in compile_pattern(self._sources[place]).finditer(text):
            last = found
        return last.start() if last else None

    def found(self, place: int, text: bytes) -> bool:
        """Say whether a pattern is found in a text."""
        return compile_pattern(self._sources[place]).search(text) is not None


def _note(place: int, _from: int, _to: int, _flags: int, found: Any) -> None:
    found.append(place)
