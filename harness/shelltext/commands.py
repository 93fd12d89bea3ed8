"""Which simple commands a shell text runs."""

from __future__ import annotations

from collections.abc import Iterator

from harness.shelltext import programs
from harness.shelltext.parse import parse
from harness.shelltext.values import Command
from harness.shelltext.wrappers import peel, script, unfold

DEPTH = 8
"""Scripts within scripts (`bash -c`, `eval`) that are read; deeper ones are words."""


def commands(text: str) -> list[str]:
    """Return the simple commands of a shell text, each as its words joined by single blanks.

    Quotes, redirections, leading assignments, wrappers such as `sudo` or `timeout 5`, and the
    folder of a system program are gone.  What `$(...)`, backquotes, `bash -c`, `eval` and
    `find -exec` run is there; a substitution's place in a word reads `$()`.  Comments and
    here-documents are no commands, unless a shell is fed with them.  Never raises; takes time
    linear in the text.
    """
    return [" ".join(argv) for argv in executions(text)]


def doings(text: str) -> list[str]:
    """Return the commands that use what they name, each with its redirections.

    Without those that only show it (`cat bin/report`) and neither write nor feed anything.
    """
    return [
        " ".join((*argv, *_files(command)))
        for command in parse(text).commands
        for argv in run(command)
        if not programs.shows(argv[0]) or _passes_on(command)
    ]


def _passes_on(command: Command) -> bool:
    return command.operator == "|" or any(each.writes for each in command.redirections)


def _files(command: Command) -> Iterator[str]:
    for each in command.redirections:
        if not each.feeds:
            yield f"{each.operator} {each.target}"


def operation(text: str) -> frozenset[str]:
    """Return what a shell text does, without its waiting, talking and changing of folders."""
    found = frozenset(commands(text))
    return frozenset(one for one in found if not programs.idles(program(one))) or found


def program(command: str) -> str:
    """Return the program of a command that `commands` found."""
    return command.split(" ", 1)[0]


def executions(text: str, depth: int = DEPTH) -> Iterator[list[str]]:
    """Yield the words of what a shell text runs."""
    for command in parse(text).commands:
        yield from run(command, depth)


def run(command: Command, depth: int = DEPTH) -> Iterator[list[str]]:
    """Yield the words of what a command runs: itself, or what it is a wrapper or shell for."""
    argv = peel(command.words)
    inner = script(argv, command.fed) if depth else None
    if argv and (inner is None or command.documented):
        yield from unfold(argv)
    if inner is not None:
        yield from executions(inner, depth - 1)
