"""Which executions are the agent's own: typed by it, or made by what it typed or wrote.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.history.events import Exec, ToolCall
from harness.history.steps import Step
from harness.shelltext import programs
from harness.shelltext.parse import parse
from harness.shelltext.placed import Placed
from harness.shelltext.wrappers import peel, script

_PATHS = ("path", "file_path", "filePath", "filename", "file")
"""The arguments by which tools that write files name the file."""


@dataclass(frozen=True, slots=True)
class _Process:
    own: bool
    hands_on: bool
    """What it runs is the agent's own if it is."""


class Executed:
    """The executions of an agent, step by step."""

    def __init__(self) -> None:
        self._written: set[str] = set()
        """The names of the files that the agent wrote, as far as its texts say."""
        self._processes: dict[int, _Process] = {}

    def own(self, step: Step, typed: Sequence[Placed]) -> Iterator[Exec]:
        """Yield the agent's own executions in a step; `typed` is what its text runs.

        An execution is its own where the program above it is, and hands on: the one that the
        process was before, else its parent.  Above it may be no program that was executed, but a
        part of a shell: then the execution is the agent's own if that program was typed.
        """
        self._written.update(_written(step))
        named = {_name(each.words[0]) for each in typed}
        for run in step.execs:
            if self._own(run, named):
                yield run

    def _own(self, run: Exec, typed: set[str]) -> bool:
        words = program(run)
        name = _name(words[0]) if words else ""
        above = self._processes.get(run.pid or 0) or self._processes.get(run.parent or 0)
        own = name in typed if above is None else above.own and above.hands_on
        part = above is None and not own and script(words, None) is not None
        if run.pid is not None and not part:
            self._processes[run.pid] = _Process(own, self._hands_on(name, words))
        return own

    def _hands_on(self, name: str, words: Sequence[str]) -> bool:
        operands = [word for word in words[1:] if not word.startswith(("-", "+"))]
        wrote = bool(operands) and _name(operands[0]) in self._written
        if name in programs.RUNNERS or name in self._written or script(words, None) is not None:
            return True
        if name in programs.SHELLS:
            return wrote or not operands
        if re.sub(r"[\d.]+$", "", name) in programs.LANGUAGES:
            told = not operands or "-c" in words or "-e" in words
            return "-m" not in words and (told or wrote)
        return False


def program(run: Exec) -> list[str]:
    """Return the words of an execution, without wrappers before them."""
    return peel(run.argv) or list(run.argv)


def _written(step: Step) -> Iterator[str]:
    for command in parse(step.command).commands:
        yield from (_name(each.target) for each in command.redirections if each.writes)
        words = peel(command.words)
        if words and words[0] in programs.WRITERS:
            yield from map(_name, words[1:])
    for call in step.exchanges:
        if isinstance(call, ToolCall) and isinstance(call.arguments, dict):
            named = (call.arguments.get(key) for key in _PATHS)
            yield from (_name(path) for path in named if isinstance(path, str))


def _name(path: str) -> str:
    """Return a program's or file's name without its folder."""
    return path.rsplit("/", 1)[-1]
