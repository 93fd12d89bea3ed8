"""What the exec filter reports: a line of text each, read into values.  Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from harness.errors import SandboxError

ESCAPED = re.compile(r"\\([\\n])")
"""How a text became one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One execution (or other call) that the filter saw."""

    verb: Literal["exec", "hit", "did", "over"]
    rule: int | None
    """The rule that it met; None for a mere record, and for `over`: a followed process' end."""
    number: int
    """hit: the call, to be answered; did: how often the rule has acted."""
    pid: int
    parent: int
    """Process ids as the engine's host counts them."""
    argv: tuple[str, ...]
    """exec: the words; other kinds: one text (address or path)."""
    cwd: str | None = None
    """exec: the folder that it begins in."""

    @property
    def text(self) -> str:
        """The words joined by blanks, as rules see them."""
        return " ".join(self.argv)


def call_of(line: str) -> Call | None:
    """Return the call that a line reports; None for another line.

    Raises `SandboxError` when the filter is gone.
    """
    verb, *fields = line.split(" ")
    match verb:
        case "exec":
            placed = _call("exec", None, 0, fields[0], fields[1], fields[2:])
            return replace(placed, cwd=placed.argv[0] or None, argv=placed.argv[1:])
        case "hit":
            return _call("hit", fields[0], fields[1], fields[2], fields[3], fields[4:])
        case "did":
            return _call("did", fields[0], fields[1], fields[2], 0, fields[3:])
        case "over":
            return _call("over", None, 0, fields[0], 0, [])
        case "lost":
            raise SandboxError("the exec filter is gone")
    return None


def _call(
    verb: Literal["exec", "hit", "did", "over"],
    rule: str | None,
    number: str | int,
    pid: str,
    parent: str | int,
    words: list[str],
) -> Call:
    text = ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], " ".join(words))
    return Call(
        verb=verb,
        rule=None if rule is None else int(rule),
        number=int(number),
        pid=int(pid),
        parent=int(parent),
        argv=tuple(text.split("\x1f")),
    )
