"""Rules for texts: the places in templates, and the patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.library.diagnostics import Diagnostic, did_you_mean
from harness.library.regexes import problem
from harness.library.templates import names, substitute_regex
from harness.library.yaml_positions import Document, Loc


def strings(data: Any, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Return every string of a nest of mappings and lists, keys too, and where it stands."""
    match data:
        case str():
            yield loc, data
        case list():
            for i, item in enumerate(data):
                yield from strings(item, (*loc, i))
        case dict():
            for key, item in data.items():
                yield (*loc, key), key
                yield from strings(item, (*loc, key))


def within(document: Document, loc: Loc) -> Any:
    """Return the data at `loc`, or None."""
    data = document.data
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def unknown_names(
    document: Document, locs: Iterable[Loc], params: Iterable[str]
) -> Iterator[Diagnostic]:
    """Find places whose name is no param of the fault."""
    known = frozenset(params)
    for loc, text in (pair for start in locs for pair in strings(within(document, start), start)):
        for name in sorted(names(text) - known):
            near = did_you_mean(name, known) or "; declare it under `params`"
            yield document.at(loc, "E409", f"`{{{{{name}}}}}` is no param of the fault{near}")


def sample_values(params: Mapping[str, str]) -> dict[str, str]:
    """Return values to try templates with: a param without a default stands for its own name."""
    return {name: value or name for name, value in params.items()}


def patterns(
    document: Document, loc: Loc, texts: Iterable[str], values: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """Find what is wrong with a list of regular expressions."""
    for i, text in enumerate(texts):
        yield from pattern(document, (*loc, i), substitute_regex(text, values))


def pattern(document: Document, loc: Loc, text: str) -> Iterator[Diagnostic]:
    """Find what is wrong with a regular expression."""
    found = problem(text)
    if found is not None:
        yield document.at(loc, *found)
