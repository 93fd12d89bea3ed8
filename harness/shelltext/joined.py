"""How the commands of a shell line are joined, and so whose failure its exit code can hide."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.shelltext.commands import commands

LONGEST = 1 << 14
"""characters of a command line that are read for its operators"""

_DOCUMENT = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1([^\n]*)\n.*?^\t*\2$", re.DOTALL | re.MULTILINE)
_OPAQUE = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.|(?<![^\s;|&(])\#[^\n]*""", re.DOTALL)
_OPERATOR = re.compile(r"&&|\|\||\|&?|;;?|\n|(?<![<>&\d])&(?![>&])")
_SCRIPT = re.compile(r"\b(?:ba|da|z)?sh -\w*c (['\"])(.*?)\1", re.DOTALL)
_SINGLE = re.compile(r"'[^']*'")
_SUBSTITUTION = re.compile(r"\$\((?!\()|`[^`\n]+`")
_HUSHED = re.compile(r"(?:2|&)>>?\s*/dev/null")
_NEUTRAL = frozenset(
    (
        ":",
        "[",
        "cd",
        "echo",
        "export",
        "false",
        "printf",
        "pwd",
        "set",
        "sleep",
        "test",
        "true",
        "wait",
    )
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two operators of a shell line."""

    text: str
    operator: str
    """The one that follows: `&&`, `||`, `|`, `&`, `;` (also for a new line), or nothing."""

    @property
    def commands(self) -> list[str]:
        """Its simple commands, as `harness.shelltext.commands.commands` gives them."""
        return commands(self.text)

    @property
    def acts(self) -> bool:
        """Whether it does anything that can fail in earnest."""
        return any(command.split(" ", 1)[0] not in _NEUTRAL for command in self.commands)

    @property
    def hushed(self) -> bool:
        """Whether its complaints go to /dev/null."""
        return _HUSHED.search(self.text) is not None


def pieces(line: str) -> list[Piece]:
    """Return the pieces of a shell line, here-documents left out, and quotes left in."""
    line = _DOCUMENT.sub(r"<<_\3", line[:LONGEST])
    bare = _OPAQUE.sub(lambda quoted: "_" * len(quoted.group()), line)
    found, start = [], 0
    for operator in _OPERATOR.finditer(bare):
        found.append(Piece(line[start : operator.start()], _meaning(operator.group())))
        start = operator.end()
    found.append(Piece(line[start:], ""))
    return [piece for piece in found if piece.text.strip()]


def _meaning(operator: str) -> str:
    return {"\n": ";", ";;": ";", "|&": "|"}.get(operator, operator)


def masks(line: str) -> bool:
    """Say whether a command of the line can fail, and say so, with the line's exit code at 0."""
    inner = _SCRIPT.search(line[:LONGEST])
    if inner and masks(inner[2]):
        return True
    risky = [piece for piece in pieces(line) if piece.operator not in ("", "&&")]
    return _substitutes(line) or any(piece.acts for piece in risky if not piece.hushed)


def _substitutes(line: str) -> bool:
    """Say whether a command's output becomes a word of another one, its exit code lost."""
    return _SUBSTITUTION.search(_SINGLE.sub("", line[:LONGEST])) is not None
