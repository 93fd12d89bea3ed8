"""A diagnostic: what is wrong in a file, where exactly, and how to put it right."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding.  Lines and columns count from 1; a code that begins with W is a warning."""

    path: str
    line: int
    col: int
    code: str
    message: str

    @property
    def warning(self) -> bool:
        """Say whether the data can be used all the same."""
        return self.code.startswith("W")

    def __str__(self) -> str:
        """Return the line that editors and CI jump from: `file:line:col CODE message`."""
        return f"{self.path}:{self.line}:{self.col} {self.code} {self.message}"


class DataError(InputError):
    """Tasks, faults or sandboxes that cannot be used, with everything that is wrong in them."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, diagnostics)))


def errors(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings that make data unusable."""
    return [diagnostic for diagnostic in found if not diagnostic.warning]


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return `; did you mean ...?` for a near miss, else what there is, else nothing."""
    near = get_close_matches(word, known, n=1)
    if near:
        return f"; did you mean `{near[0]}`?"
    if 0 < len(known) <= 12:  # noqa: PLR2004 - a list that one glance takes in
        return f"; known: {', '.join(sorted(known))}"
    return ""
