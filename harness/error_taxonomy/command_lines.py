"""What a command line alone says about the output and the exit code that it will have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from harness.patterns import compile_pattern
from harness.shelltext.commands import executions
from harness.shelltext.masking import Piece, masks, pieces

_TELLS = frozenset({"--help", "--version", "--explain", "--usage"})
_LISTS = re.compile(r"-?[a-zA-Z]*[tO][a-zA-Z]*|--list|--to-stdout")


class Line:
    """A command line; what it says of itself is worked out when it is first asked for."""

    def __init__(self, known: Sequence[tuple[str, ...]], text: str) -> None:
        """Take a command line, and the commands that view, those that ask and the quiet ones."""
        self._viewers, self._askers, self._quiet = known
        self.text = text
        self._matches: dict[str, bool] = {}

    @cached_property
    def content(self) -> bytes:
        """It as bytes."""
        return self.text.encode("utf-8", "replace")

    @cached_property
    def viewer(self) -> bool:
        """Whether it shows other people's text, and nothing else in it has much to say."""
        views = [_views(words, self._viewers) for words in self._run]
        each = zip(views, self._run, strict=True)
        return any(views) and all(view or _named(words, self._quiet) for view, words in each)

    @cached_property
    def programs(self) -> tuple[bytes, ...]:
        """Whose complaints its own lines begin with, or name."""
        names = [words[0] for words in self._run]
        names += [piece.program for piece in self._joined if piece.program]
        return tuple(name.encode("utf-8", "replace") for name in dict.fromkeys(names))

    @cached_property
    def asks(self) -> bool:
        """Whether its exit code 1 is an answer."""
        return bool(self._joined) and _asks(self._joined[-1], self._askers)

    @cached_property
    def heard(self) -> bool:
        """Whether the line itself goes by that answer."""
        return any(p.command.operator == "&&" and _asks(p, self._askers) for p in self._joined)

    @cached_property
    def masks(self) -> bool:
        """Whether its exit code 0 can hide a failure."""
        return masks(self.text)

    def matches(self, source: str) -> bool:
        """Say whether a pattern is found in it."""
        if source not in self._matches:
            self._matches[source] = compile_pattern(source).search(self.content) is not None
        return self._matches[source]

    @cached_property
    def _run(self) -> list[list[str]]:
        return list(executions(self.text))

    @cached_property
    def _joined(self) -> list[Piece]:
        return pieces(self.text)


def _views(words: list[str], viewers: tuple[str, ...]) -> bool:
    """Say whether a command shows what others have written; a help text is such, too."""
    if words[0] == "help" or _TELLS.intersection(word.split("=")[0] for word in words[1:]):
        return True
    if words[0] == "tar" and len(words) > 1 and _LISTS.fullmatch(words[1]):
        return True
    return _named(words, viewers) and "--check" not in words


def _asks(piece: Piece, askers: tuple[str, ...]) -> bool:
    return any(_named(words, askers) for words in piece.runs)


def _named(words: list[str], names: tuple[str, ...]) -> bool:
    """Say whether a command is one of these, given as `program` or `program subcommand`."""
    plain = [word for word in words if not word.startswith("-")]
    return any(" ".join(some) in names for some in (plain[:1], plain[:2], plain[:3], words[:2]))
