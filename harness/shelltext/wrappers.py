"""Programs that run their words (sudo, timeout, bash -c, find -exec), or merely repeat them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.shelltext import programs

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(\[[^]]*\])?\+?=")
_FOLDER = re.compile(r"\A/(usr/(local/)?)?s?bin/(?=[^/]+\Z)")
_EXECS = frozenset(("-exec", "-execdir", "-ok", "-okdir"))
_MESSAGES = frozenset(("commit", "merge", "notes", "stash", "tag"))
"""Subcommands of git that take a message."""


def assigns(word: str) -> bool:
    """Say whether a word sets a variable where it stands before a command."""
    return _ASSIGNMENT.match(word) is not None


def peel(words: Sequence[str]) -> list[str]:
    """Return a command's own words: no assignments, wrappers or system folder before them.

    A wrapper that wraps nothing (`env`, `sudo -l`, `command -v git`) is a command itself.
    """
    at = 0
    while at < len(words):
        name = _FOLDER.sub("", words[at])
        inner = _inner(words, at, name)
        if inner is None:
            return [name, *words[at + 1 :]]
        at = inner
    return []


def _inner(words: Sequence[str], at: int, name: str) -> int | None:
    """Return where the words go on behind an assignment or a wrapper; None: it is neither."""
    if assigns(words[at]):
        return at + 1
    inner = at + 1
    asks = name == "command" and {"-v", "-V"}.intersection(words[inner : inner + 1])
    if name not in programs.WRAPPERS or asks:
        return None
    valued = programs.WRAPPERS[name].split()
    while inner < len(words) and words[inner].startswith("-"):
        inner += 2 if words[inner] in valued else 1
    inner += name == "timeout"
    return inner if inner < len(words) else None


def script(argv: Sequence[str], fed: str | None) -> str | None:
    """Return the shell text that a peeled command runs; `fed` is its standard input, if known."""
    if not argv:
        return None
    if argv[0] == "eval":
        return " ".join(argv[1:])
    return _shell_script(argv[1:], fed) if argv[0] in programs.SHELLS else None


def _shell_script(arguments: Sequence[str], fed: str | None) -> str | None:
    code, valued = False, False
    for word in arguments:
        option = word.startswith(("-", "+"))
        if valued:
            valued = False
        elif not option:
            return word if code else None
        elif not word.startswith("--"):
            code |= "c" in word
            valued = word.endswith(("o", "O"))
    return fed


def unfold(argv: list[str]) -> Iterator[list[str]]:
    """Return a command, and what it executes itself (`find -exec`)."""
    yield argv
    starts = [i for i, word in enumerate(argv) if word in _EXECS and argv[0] == "find"]
    for start, end in pairwise([*starts, len(argv)]):
        inner = argv[start + 1 : end]
        stop = next((i for i, word in enumerate(inner) if word in {";", "+"}), len(inner))
        if inner[:stop]:
            yield peel(inner[:stop])


def acting(argv: list[str]) -> list[str]:
    """Return a peeled command without the words that it only repeats; nothing for a talker."""
    if programs.talks(argv[0]):
        return []
    return _without_message(argv) if argv[0] == "git" else argv


def _without_message(argv: list[str]) -> list[str]:
    kept: list[str] = []
    talks, dropped = False, False
    for word in argv:
        if dropped:
            dropped = False
            continue
        talks |= word in _MESSAGES
        dropped = talks and re.fullmatch(r"-[a-zA-Z]*m|--message", word) is not None
        if not (talks and re.match(r"-m.|--message=", word)):
            kept.append(word)
    return kept
