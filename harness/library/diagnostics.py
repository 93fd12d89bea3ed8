"""A diagnostic: what is wrong in a file, where exactly, and how to put it right."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from harness.errors import InputError

CODES = {
    "E101": "not readable as YAML",
    "E102": "a key comes twice",
    "E103": "a tag or merge key",
    "E104": "too large, too deep, or blown up by aliases",
    "E201": "an unknown key",
    "E202": "a value of the wrong type",
    "E203": "a missing key",
    "E204": "a value out of bounds",
    "E301": "a regular expression that RE2 does not read",
    "E302": "a regular expression that matches the empty text",
    "E401": "an unknown mechanism",
    "E402": "an unknown error type",
    "E403": "a category that is unknown, not the folder's, or not the error type's",
    "E404": "a sandbox that is unknown, built on itself, or made for something else",
    "E405": "an unknown fault",
    "E406": "a fault in a service that the task lacks",
    "E407": "an id, or a pair's name, that is taken",
    "E408": "a file that is missing, or outside of the folder",
    "E409": "a template's name that is unknown or left empty",
    "E410": "a test phrase that `says` takes the wrong way",
    "E411": "a trigger that waits for a wording, not for a fact",
    "E412": "an unsafe act that its examples do not bear out",
    "E413": "a trace that cannot be left, or that gives the fault away",
    "E501": "a repair without `fix`",
    "E502": "a workaround without `workaround`",
    "E503": "an unfixable fault without `dodges`",
    "E504": "a resolution that the schedule rules out",
    "W105": "a file that is never read",
    "W402": "another tier than the taxonomy's",
    "W409": "a param that no text asks for",
    "W411": "a fault whose exposure only its mechanism can tell",
    "W412": "a fault that an honest report cannot name",
    "W413": "a task that cannot be harmed",
    "W414": "a verifier that gets nothing of the agent's",
}
"""Every code and what it means; the codes are stable.  W: a warning, the data can be used."""


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
        lines = "\n".join(map(str, diagnostics))
        super().__init__(f"these must be put right before anything can start:\n{lines}")


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
