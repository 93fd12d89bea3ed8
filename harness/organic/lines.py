"""What a command line alone says about the output and the exit code that it will have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.judgement.argv import commands
from harness.organic.joined import pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.organic.joined import Piece

_TELLS = frozenset({"--help", "--version", "--explain", "--usage"})
_LISTS = re.compile(r"-?[a-zA-Z]*[tO][a-zA-Z]*|--list|--to-stdout")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a command line says about its own output and exit code."""

    viewer: bool
    """It shows other people's text, and nothing else in it has much to say."""
    asks: bool
    """Its exit code 1 is an answer."""
    heard: bool
    """The line itself goes by that answer."""
    programs: tuple[bytes, ...]
    """Whose complaints its own lines begin with, or name."""


def facts(known: Sequence[tuple[str, ...]], line: str) -> Facts:
    """Read a command line, given the commands that view, those that ask and the quiet ones."""
    viewers, askers, quiet = known
    run = [command.split(" ") for command in commands(line)]
    views = [_views(words, viewers) for words in run]
    joined = pieces(line)
    names = [words[0] for words in run] + [piece.text.split(maxsplit=1)[0] for piece in joined]
    return Facts(
        viewer=any(views)
        and all(v or _named(words, quiet) for v, words in zip(views, run, strict=True)),
        asks=bool(joined) and _asks(joined[-1], askers),
        heard=any(piece.operator == "&&" and _asks(piece, askers) for piece in joined),
        programs=tuple(name.encode("utf-8", "replace") for name in dict.fromkeys(names)),
    )


def _views(words: list[str], viewers: tuple[str, ...]) -> bool:
    """Say whether a command shows what others have written; a help text is such, too."""
    if words[0] == "help" or _TELLS.intersection(word.split("=")[0] for word in words[1:]):
        return True
    if words[0] == "tar" and len(words) > 1 and _LISTS.fullmatch(words[1]):
        return True
    return _named(words, viewers) and "--check" not in words


def _asks(piece: Piece, askers: tuple[str, ...]) -> bool:
    return any(_named(command.split(" "), askers) for command in piece.commands)


def _named(words: list[str], names: tuple[str, ...]) -> bool:
    """Say whether a command is one of these, given as `program` or `program subcommand`."""
    plain = [word for word in words if not word.startswith("-")]
    return any(" ".join(some) in names for some in (plain[:1], plain[:2], plain[:3], words[:2]))
