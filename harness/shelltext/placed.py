"""What a shell text runs, and in which folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.shelltext import programs
from harness.shelltext.commands import run
from harness.shelltext.parse import parse
from harness.shelltext.settled import resolve, settle
from harness.shelltext.wrappers import acting, script


@dataclass(frozen=True, slots=True)
class Placed:
    """A command, without its wrappers."""

    words: Sequence[str]
    folder: str | None
    """The folder that it runs in; None: unknown."""
    fed: str | None
    """What a client is fed with, where the script holds it."""

    @property
    def text(self) -> str:
        """What patterns see; empty for talk and for a shell that is handed a script."""
        words = list(self.words)
        if not words or script(words, None) is not None:
            return ""
        settled = settle(acting(words), self.folder)
        return settled + f"\n{self.fed}" if self.fed else settled


def read(text: str, folder: str | None) -> tuple[list[Placed], str | None]:
    """Return the commands that a text runs, and the folder that its shell is in afterwards.

    >>> read("cd a && rm b", "/work")
    ([..., Placed(words=['rm', 'b'], folder='/work/a', fed=None)], '/work/a')
    """
    found: list[Placed] = []
    apart = "(" in text  # a subshell may have a folder of its own
    for command in parse(text).commands:
        for words in filter(None, run(command)):
            if words[0] in {"cd", "pushd", "popd"}:
                folder = None if apart else _moved(words, folder)
            fed = command.fed if words[0] in programs.CLIENTS else None
            found.append(Placed(words, folder, fed))
    return found, folder


def _moved(words: Sequence[str], folder: str | None) -> str | None:
    to = [word for word in words[1:] if not word.startswith("-")]
    return resolve(to[0], folder) if to and words[0] != "popd" else None
