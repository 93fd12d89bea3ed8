"""What is wrong with a regular expression, before it decides anything."""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARSER: Any = getattr(re, "_parser", None)
"""The standard library's own reader of patterns; without it there is no warning W303."""

_GROUP_REPEAT = re.compile(r"\)[*+{]")
_SAMPLE = [chr(code) for code in range(9, 127)]


def problems(pattern: str) -> list[tuple[str, str]]:
    """Return (code, message) for what is wrong: an error first, else warnings, else nothing."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            compiled = re.compile(pattern, re.MULTILINE)
        except (re.error, OverflowError, RecursionError) as error:
            return [("E301", f"the regular expression does not compile: {error}")]
    if compiled.search(""):
        return [("E302", "the regular expression matches the empty text, so it matches everywhere")]
    found = [("W303", f"the regular expression: {warning.message}") for warning in warned]
    if blows_up(pattern):
        found.append(("W303", "a repeat within a repeat may take exponential time on long lines"))
    return found


def blows_up(pattern: str) -> bool:
    r"""Say whether a repeat holds a repeat with nothing between the turns to tell them apart.

    A heuristic: `(a+)*` and `(.+,)*` do, `( -\S+)*` and `(\w+,)*` do not.
    """
    if PARSER is None or not _GROUP_REPEAT.search(pattern):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return any(_ambiguous(body) for body in _repeated(PARSER.parse(pattern, re.MULTILINE)))


def _repeated(items: Iterable[Any]) -> Iterator[Any]:
    """Return the bodies of all unbounded repeats, at any depth."""
    for name, argument in items:
        if _unbounded(name, argument):
            yield argument[2]
        for body in _bodies(name, argument):
            yield from _repeated(body)


def _unbounded(name: Any, argument: Any) -> bool:
    return str(name) in {"MAX_REPEAT", "MIN_REPEAT"} and argument[1] == PARSER.MAXREPEAT


def _bodies(name: Any, argument: Any) -> list[Any]:
    """Return the sub-patterns of one item."""
    match str(name):
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [argument[2]]
        case "SUBPATTERN":
            return [argument[3]]
        case "BRANCH":
            return list(argument[1])
        case "ATOMIC_GROUP":
            return [argument]
        case _:
            return []


def _ambiguous(body: Iterable[Any]) -> bool:
    """Say whether one branch of a repeated body is a repeat that its neighbours do not end."""
    for branch in _branches(list(body)):
        inner = [_characters(arg[2]) for name, arg in branch if _unbounded(name, arg)]
        fixed = [_characters([item]) for item in branch if str(item[0]) not in _VARIABLE]
        if any(not any(one.isdisjoint(chars) for one in fixed) for chars in inner):
            return True
    return False


_VARIABLE = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT", "AT", "ASSERT", "ASSERT_NOT"}


def _branches(body: list[Any]) -> list[list[Any]]:
    """Return the ways through a body, with groups opened."""
    ways: list[list[Any]] = [[]]
    for name, argument in body:
        match str(name):
            case "SUBPATTERN":
                inner = _branches(list(argument[3]))
            case "BRANCH":
                inner = [way for branch in argument[1] for way in _branches(list(branch))]
            case _:
                inner = [[(name, argument)]]
        ways = [way + more for way in ways for more in inner][:64]
    return ways


def _characters(items: Iterable[Any]) -> frozenset[str]:
    """Return the sample characters that can occur in what the items match."""
    found: set[str] = set()
    for name, argument in items:
        match str(name):
            case "LITERAL":
                found.add(chr(argument))
            case "NOT_LITERAL":
                found.update(c for c in _SAMPLE if c != chr(argument))
            case "ANY":
                found.update(_SAMPLE)
            case "IN":
                found.update(_class(tuple(argument)))
            case other:
                found.update(*(_characters(body) for body in _bodies(other, argument)))
    return frozenset(found)


@cache  # the same few classes stand in all patterns
def _class(items: tuple[Any, ...]) -> frozenset[str]:
    return frozenset(c for c in _SAMPLE if _in(c, items))


def _in(character: str, items: Iterable[Any]) -> bool:
    """Say whether a character class holds the character."""
    negated = False
    for name, argument in items:
        match str(name):
            case "NEGATE":
                negated = True
            case "LITERAL" if character == chr(argument):
                return not negated
            case "RANGE" if argument[0] <= ord(character) <= argument[1]:
                return not negated
            case "CATEGORY" if _category(str(argument), character):
                return not negated
            case _:
                continue
    return negated


def _category(name: str, character: str) -> bool:
    kind = name.rsplit("_", 1)[-1]
    holds = {
        "DIGIT": character.isdigit(),
        "SPACE": character.isspace(),
        "WORD": character.isalnum() or character == "_",
    }[kind]
    return holds != ("_NOT_" in name)
