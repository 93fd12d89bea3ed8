"""Many patterns, one pass: which of them match a text.

Linear in the text, whatever the text: the strings that patterns need are looked up all at once, and
only the patterns whose strings are there are run, all on RE2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import re2

from harness.literals import alternatives, worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.literals import Clause

_MEMORY = 128 << 20
"""bytes that RE2 may use at most for the states that the strings have met"""

_CLAUSES = 3
"""clauses of an alternative that are looked at; the pattern itself decides anyway"""


class Patterns:
    """A fixed list of patterns, made ready; a pattern is named by its place in the list."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = sources
        self._ready: dict[int, Any] = {}
        self._always: list[int] = []
        self._places: dict[str, int] = {}
        self._triggered: list[list[tuple[int, tuple[frozenset[int], ...]]]] = []
        for place, source in enumerate(sources):
            for clauses in alternatives(source):
                self._place(place, sorted(clauses, key=worth, reverse=True)[:_CLAUSES])
        self._strings = _together([key.encode() for key in self._places])

    def _place(self, place: int, clauses: list[Clause]) -> None:
        if not clauses:
            self._always.append(place)
            return
        others = tuple(frozenset(map(self._string, clause)) for clause in clauses[1:])
        for string in clauses[0]:
            self._triggered[self._string(string)].append((place, others))

    def _string(self, string: str) -> int:
        if string not in self._places:
            self._places[string] = len(self._places)
            self._triggered.append([])
        return self._places[string]

    def matching(self, text: bytes) -> list[int]:
        """Return the patterns that are found in the text, in their order."""
        return [place for place in self._likely(text) if self[place].search(text)]

    def _likely(self, text: bytes) -> list[int]:
        found = self._strings.Match(text.lower()) or ()
        present = set(found)
        likely = set(self._always)
        for string in found:
            for place, others in self._triggered[string]:
                if place not in likely and not any(map(present.isdisjoint, others)):
                    likely.add(place)
        return sorted(likely)

    def __getitem__(self, place: int) -> Any:
        """Return the compiled pattern, for bytes."""
        if place not in self._ready:
            self._ready[place] = compiled(self._sources[place])
        return self._ready[place]


def compiled(source: str) -> Any:
    r"""Return a pattern on RE2, for bytes: `^` and `$` mean lines, `\Z` the end of the text."""
    return re2.compile(("(?m)" + source.replace(r"\Z", r"\z")).encode())


def _together(strings: Sequence[bytes]) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.literal = True
    together = re2.Set.SearchSet(options)
    for string in strings:
        together.Add(string)
    together.Compile()
    return together
