"""Many patterns, one pass: which of them match a text.

Hyperscan runs them all over the text at once, in time linear in it; RE2, which is linear, too, says
where one of them matches.
"""

from __future__ import annotations

import threading
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import hyperscan
import re2

from harness.error_taxonomy import database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Patterns:
    """A fixed list of patterns, made ready; a pattern is named by its place in the list."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._each = [_Pattern(source) for source in sources]
        self._own = threading.local()

    @cached_property
    def _all(self) -> Any:
        return database.of([one.source for one in self._each])

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
        return (found.start() for found in self._each[place].finder.finditer(text))

    def last(self, place: int, text: bytes) -> int | None:
        """Return where a pattern matches last."""
        last = None
        for found in self._each[place].finder.finditer(text):
            last = found
        return last.start() if last else None

    def found(self, place: int, text: bytes) -> bool:
        """Say whether a pattern is found in a text."""
        return self._each[place].test.Match(text) is not None


def _note(place: int, _from: int, _to: int, _flags: int, found: Any) -> None:
    found.append(place)


class _Pattern:
    """One pattern; it is compiled when it is first needed."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def test(self) -> Any:
        """Tells whether it is there: the cheaper question."""
        one = re2.Set.SearchSet()
        one.Add(linear(self.source))
        one.Compile()
        return one

    @cached_property
    def finder(self) -> Any:
        """Tells where it is."""
        return compiled(self.source)


def linear(source: str) -> bytes:
    """Return a pattern as RE2 reads it: `^` and `$` mean lines."""
    return b"(?m)" + database.spelt(source)


@lru_cache(maxsize=2048)
def compiled(source: str) -> Any:
    """Return a pattern on RE2, for bytes."""
    return re2.compile(linear(source))
