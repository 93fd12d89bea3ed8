"""Many patterns, one pass: which of them match a text.

Linear in the text, whatever the text: the strings that patterns need are looked up all at once, and
only the patterns whose strings are there are run, all on RE2.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import re2

from harness.organic.literals import alternatives, worth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.organic.literals import Clause

_MEMORY = 128 << 20
"""bytes that RE2 may use at most for the states that the strings have met"""

_OFTEN = 3
"""uses of a string from which it is taken for a common one"""


class Patterns:
    """A fixed list of patterns, made ready; a pattern is named by its place in the list."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._each = [_Pattern(source) for source in sources]
        self._always: list[int] = []
        self._places: dict[str, int] = {}
        self._triggered: list[list[tuple[int, frozenset[int]]]] = []
        needs = [(place, c) for place, source in enumerate(sources) for c in alternatives(source)]
        uses = Counter(chain.from_iterable(chain.from_iterable(c for _, c in needs)))
        for place, clauses in needs:
            self._place(place, sorted(clauses, key=lambda c: _rare(c, uses), reverse=True))
        self._strings = _together([key.encode() for key in self._places], literal=True)

    def _place(self, place: int, clauses: list[Clause]) -> None:
        """Let a pattern be tried where a string of its rarest clause is, and one of the next."""
        if not clauses:
            self._always.append(place)
            return
        other = frozenset(map(self._string, clauses[1])) if clauses[1:] else frozenset()
        for string in clauses[0]:
            self._triggered[self._string(string)].append((place, other))

    def _string(self, string: str) -> int:
        if string not in self._places:
            self._places[string] = len(self._places)
            self._triggered.append([])
        return self._places[string]

    def matching(self, text: bytes) -> list[int]:
        """Return the patterns that are found in the text, in their order."""
        return [place for place in self._likely(text) if self._each[place].test.Match(text)]

    def _likely(self, text: bytes) -> list[int]:
        found = self._strings.Match(text.lower()) or ()
        present = frozenset(found)
        likely = set(self._always)
        for string in found:
            for place, other in self._triggered[string]:
                if not other or not other.isdisjoint(present):
                    likely.add(place)
        return sorted(likely)

    def starts(self, place: int, text: bytes) -> Iterator[int]:
        """Yield where a pattern matches."""
        return (found.start() for found in self._each[place].finder.finditer(text))

    def found(self, place: int, text: bytes) -> bool:
        """Say whether a pattern is found in a text."""
        return self._each[place].test.Match(text) is not None


class _Pattern:
    """One pattern; it is compiled when it is first needed."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def test(self) -> Any:
        """Tells whether it is there: the cheaper question."""
        return _together([linear(self.source)])

    @cached_property
    def finder(self) -> Any:
        """Tells where it is."""
        return compiled(self.source)


def _rare(clause: Clause, uses: Counter[str]) -> tuple[bool, tuple[int, int]]:
    return max(uses[string] for string in clause) < _OFTEN, worth(clause)


def linear(source: str) -> bytes:
    r"""Return a pattern as RE2 reads it: `^` and `$` mean lines, `\Z` the end of the text."""
    return ("(?m)" + source.replace(r"\Z", r"\z")).encode()


def compiled(source: str) -> Any:
    """Return a pattern on RE2, for bytes."""
    return re2.compile(linear(source))


def _together(patterns: Sequence[bytes], *, literal: bool = False) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY if literal else 8 << 20
    options.literal = literal
    together = re2.Set.SearchSet(options)
    for pattern in patterns:
        together.Add(pattern)
    together.Compile()
    return together
