"""Whose failure the exit code of a shell text can hide, by how its commands are joined."""

from __future__ import annotations

from typing import NamedTuple

from harness.shelltext import programs
from harness.shelltext.commands import DEPTH, run
from harness.shelltext.parse import parse
from harness.shelltext.values import Command
from harness.shelltext.wrappers import assigns, peel, script


class Piece(NamedTuple):
    """What stands between two operators of a shell text."""

    command: Command
    runs: list[list[str]]
    """The words of all that it runs, in its substitutions, too."""

    @property
    def program(self) -> str:
        """The program as it is written, before any wrapper."""
        return next((word for word in self.command.words if not assigns(word)), "")

    @property
    def hides(self) -> bool:
        """Whether it can fail in earnest, and say so, and what follows goes on all the same."""
        if self.command.operator in {"", "&&"}:
            return False
        hushed = any(redirection.hushes for redirection in self.command.redirections)
        return not hushed and any(programs.fails(words[0]) for words in self.runs)


def pieces(text: str) -> list[Piece]:
    """Return the pieces of a shell text, here-documents left out."""
    found: list[Piece] = []
    runs: list[list[str]] = []
    for command in parse(text).commands:
        if command.place != "document":
            runs += run(command)
        if command.words and not command.place:
            found.append(Piece(command, runs))
            runs = []
    return found


def masks(text: str, depth: int = DEPTH) -> bool:
    """Say whether a command can fail, and say so, with the text's exit code at 0.

    That of a substitution's command is lost where its output becomes a word of another one.
    """
    found = parse(text).commands
    if any(command.place for command in found) or any(piece.hides for piece in pieces(text)):
        return True
    inner = [script(peel(command.words), command.fed) for command in found]
    return depth > 0 and any(masks(one, depth - 1) for one in inner if one)
