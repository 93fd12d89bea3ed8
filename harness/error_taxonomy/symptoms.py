"""What each pattern of a taxonomy is there for, and for which exit codes it counts."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.error_taxonomy.taxonomy import ErrorType, Pattern, Taxonomy

SURE = 60
"""The priority from which a pattern counts although the exit code is unknown, or masked."""

OWN = 40
"""The same, in a line that a viewer begins with its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Symptom:
    """A pattern that shows an error type; `place` is where it stands among all patterns.

    The more telling it is, the further in front.
    """

    place: int
    error_type: str
    pattern: Pattern
    priority: int
    exits: str
    command: str | None
    """What the command line must match."""
    avoid: str | None
    """What its line must not match."""

    def opens(self, code: int | None, *, calm: bool) -> bool:
        """Say whether the exit code lets it count."""
        if self.pattern.exit and code is not None and code not in self.pattern.exit:
            return False
        match self.exits:
            case "any":
                return True
            case "masked":
                return False
            case _ if code is None:
                return self.priority >= SURE and not calm
            case _:
                return code != 0

    def may_count(self, code: int | None) -> bool:
        """Say whether there is a command with which it counts for this exit code."""
        hidden = code == 0 and self.priority >= OWN and not self.pattern.exit
        return hidden or self.opens(code, calm=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """All patterns of a taxonomy in one row, and what the one at each place is there for."""

    sources: list[str] = field(default_factory=list)
    ignored: set[int] = field(default_factory=set)
    calm: set[int] = field(default_factory=set)
    bars: dict[int, str] = field(default_factory=dict)
    """The type that it rules out."""
    symptoms: dict[int, Symptom] = field(default_factory=dict)

    def place(self, source: str) -> int:
        """Take in a pattern and return its place."""
        self.sources.append(source)
        return len(self.sources) - 1

    def counting(self, code: int | None) -> dict[int, Symptom]:
        """Return the symptoms that can count for an exit code, by their places."""
        return {place: one for place, one in self.symptoms.items() if one.may_count(code)}


def rows(taxonomy: Taxonomy) -> Rows:
    """Lay the patterns of a taxonomy out."""
    found = Rows()
    found.ignored.update(map(found.place, taxonomy.ignore_lines))
    found.calm.update(map(found.place, taxonomy.calm))
    for kind in taxonomy.types:
        found.bars.update((found.place(source), kind.id) for source in kind.not_patterns)
    each = [(kind, pattern) for kind in taxonomy.types for pattern in kind.patterns]
    for kind, pattern in sorted(each, key=lambda one: -priority(*one)):
        place = found.place(pattern.re)
        found.symptoms[place] = Symptom(
            place=place,
            error_type=kind.id,
            pattern=pattern,
            priority=priority(kind, pattern),
            exits=pattern.exits or kind.exits,
            command=pattern.command,
            avoid=pattern.avoid,
        )
    return found


def priority(kind: ErrorType, pattern: Pattern) -> int:
    """Return how telling a pattern is: its own priority, or its type's."""
    return kind.priority if pattern.priority is None else pattern.priority
