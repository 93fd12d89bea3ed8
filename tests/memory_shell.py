"""The shell of a container in memory: a dozen words, joined by `;`, `&&`, `||`, and `>`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from harness.containers.shell import TICK, Result

if TYPE_CHECKING:
    from memory import MemoryContainer

Word = Callable[["MemoryContainer", Sequence[str]], tuple[int, str]]
"""(container, arguments) -> (exit code, what is printed: on stderr when it fails)."""


class ShellEnded(Exception):  # noqa: N818 - a shell may end
    """The command ended its own shell."""


class OutOfTime(Exception):  # noqa: N818 - a command may take long
    """The command took longer than it may."""


def said(text: str | bytes, code: int = 0) -> Result:
    """Return a result."""
    out = text.encode() if isinstance(text, str) else text
    return Result(stdout=out, stderr=b"", exit_code=code, pipestatus=(code,), seconds=0.0)


def simple_commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (what joins it to the one before, words) of each simple command."""
    lexer = shlex.shlex(text.replace("\n", ";"), posix=True, punctuation_chars=";&|>")
    lexer.whitespace_split, lexer.commenters = True, ""
    joint, words = ";", list[str]()
    for token in (*lexer, ";"):
        if token not in {";", ";;", "&&", "||"}:
            words.append(token)
            continue
        if words:
            yield joint, words
        joint, words = token[:2] if token != ";;" else ";", []


def _nothing(_: MemoryContainer, __: Sequence[str]) -> tuple[int, str]:
    return 0, ""


def _touch(where: MemoryContainer, paths: Sequence[str]) -> tuple[int, str]:
    where.files.update({path: where.files.get(path, (b"", 0o644)) for path in paths})
    return 0, ""


def _rm(where: MemoryContainer, words: Sequence[str]) -> tuple[int, str]:
    for path in (word for word in words if not word.startswith("-")):
        if not where.exists(path) and "-f" not in words and "-rf" not in words:
            return 1, f"rm: {path}: No such file or directory\n"
        for each in [each for each in where.files if f"{each}/".startswith(f"{path}/")]:
            del where.files[each]
    return 0, ""


def _test(where: MemoryContainer, words: Sequence[str]) -> tuple[int, str]:
    return int(not where.exists(words[1])), ""


def _cat(where: MemoryContainer, words: Sequence[str]) -> tuple[int, str]:
    if words[0] not in where.files:
        return 1, f"cat: {words[0]}: No such file or directory\n"
    return 0, where.files[words[0]][0].decode(errors="surrogateescape")


def _echo(_: MemoryContainer, words: Sequence[str]) -> tuple[int, str]:
    return 0, " ".join(words) + "\n"


def _sleep(where: MemoryContainer, words: Sequence[str]) -> tuple[int, str]:
    until = where.clock.now + float(words[0])
    while where.clock.now < until:
        if where.clock.now >= where.deadline:
            raise OutOfTime
        where.clock.now += TICK
        where.tick()
    return 0, ""


def _exit(_: MemoryContainer, words: Sequence[str]) -> tuple[int, str]:
    raise ShellEnded(words[0])


def _spawn(where: MemoryContainer, words: Sequence[str]) -> tuple[int, str]:
    where.spawn(words[0], stubborn="stubborn" in words)
    return 0, ""


WORDS: dict[str, Word] = {
    **dict.fromkeys(("true", "cd", "export", "set", "install", "mkdir"), _nothing),
    "false": lambda *_: (1, ""),
    "touch": _touch,
    "rm": _rm,
    "[": _test,
    "cat": _cat,
    "echo": _echo,
    "sleep": _sleep,
    "exit": _exit,
    "spawn": _spawn,
}
"""The shell's own words; a container may have more."""
