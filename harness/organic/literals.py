"""Which strings must a text hold for a pattern to match it.

A pattern is read into alternatives; an alternative needs every one of its *clauses*, and a clause
is a set of lower-case strings of which one must be there.  `git: (no|bad) ref` has the one clause
{"git: no ref", "git: bad ref"}.  What is returned may be too weak, never too strong: a text without
the strings cannot match, one with them may.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]  # the parser behind `re`
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Clause = frozenset[str]

MOST = 48
"""strings in a clause that grows by concatenation"""

_FLAGS = re.compile(r"\(\?[a-z]+\)")
_SCOPED = re.compile(r"\(\?[a-z]+:")


@dataclass(frozen=True, slots=True)
class _Part:
    """What a piece of a pattern says: all it can match, or the alternatives' clauses."""

    exact: Clause | None
    needs: tuple[tuple[Clause, ...], ...]
    """Alternatives; () none known, so that nothing is needed."""


_ANYTHING = _Part(None, ())
_EMPTY = _Part(frozenset([""]), ())


def alternatives(pattern: str) -> list[tuple[Clause, ...]]:
    """Return the clauses of each alternative of an RE2 pattern; [()] where nothing is needed."""
    plain = _SCOPED.sub("(?:", _FLAGS.sub("", pattern)).replace(r"\Z", "").replace(r"\z", "")
    part = _sequence(parser.parse(plain))
    needs = _alternatives(part)
    return list(needs) or [()]


def _alternatives(part: _Part) -> tuple[tuple[Clause, ...], ...]:
    if part.exact is None:
        return part.needs
    return () if "" in part.exact else ((part.exact,),)


def _sequence(items: Iterable[Any]) -> _Part:
    parts = [_part(*item) for item in items]
    if len(parts) == 1:
        return parts[0]
    clauses: list[Clause] = []
    run: Clause = frozenset([""])
    whole = True
    for part in parts:
        if part.exact is not None and len(run) * len(part.exact) <= MOST:
            run = frozenset(a + b for a in run for b in part.exact)
            continue
        whole = False
        clauses.append(run)
        run = part.exact if part.exact is not None else frozenset([""])
        clauses.extend(_weakened(part.needs))
    if whole:
        return _Part(run, ())
    useful = tuple(clause for clause in (*clauses, run) if "" not in clause)
    return _Part(None, (useful,) if useful else ())


def _weakened(needs: Sequence[tuple[Clause, ...]]) -> list[Clause]:
    """Return one clause for several alternatives: the best of each, together."""
    if not needs or not all(needs):
        return []
    if len(needs) == 1:
        return list(needs[0])
    return [frozenset().union(*(max(clauses, key=worth) for clauses in needs))]


def worth(clause: Clause) -> tuple[int, int]:
    """Rank clauses: long strings are rare ones, few strings are cheap."""
    return min(12, *map(len, clause)), -len(clause)


def _part(code: Any, value: Any) -> _Part:  # noqa: PLR0911 - one return a kind of node
    match code:
        case codes.LITERAL:
            return _Part(frozenset([chr(value).lower()]), ())
        case codes.AT:
            return _EMPTY
        case codes.IN:
            return _one_of(value)
        case codes.SUBPATTERN:
            return _sequence(value[3])
        case codes.BRANCH:
            return _branches([_sequence(branch) for branch in value[1]])
        case codes.MAX_REPEAT | codes.MIN_REPEAT:
            return _repeated(value[0], value[1], _sequence(value[2]))
        case _:
            return _ANYTHING


def _one_of(members: Iterable[tuple[Any, Any]]) -> _Part:
    found: set[str] = set()
    for code, value in members:
        if code is not codes.LITERAL:
            return _ANYTHING
        found.add(chr(value).lower())
    return _Part(frozenset(found), ()) if len(found) <= MOST // 8 else _ANYTHING


def _branches(parts: Sequence[_Part]) -> _Part:
    exact = [part.exact for part in parts if part.exact is not None]
    if len(exact) == len(parts) and sum(map(len, exact)) <= MOST:
        return _Part(frozenset().union(*exact), ())
    needs = [_alternatives(part) for part in parts]
    return _Part(None, tuple(one for need in needs for one in need) if all(needs) else ())


def _repeated(low: int, high: Any, part: _Part) -> _Part:
    if low == high == 1:
        return part
    if low:
        return _Part(None, _alternatives(part))
    if high == 1 and part.exact is not None:
        return _Part(part.exact | {""}, ())
    return _ANYTHING
