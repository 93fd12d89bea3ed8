"""An agent's own program: attended to until it ends, and what it leaves behind for the record."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.containers.archive import only_file
from harness.containers.ports import Probes, Program
from harness.containers.shell import TICK
from harness.containers.stream import STDERR, STDOUT, Capture
from harness.gateway.model_channel import ModelChannel
from harness.history.events import Logged
from harness.history.writer import History
from harness.shelltext.quoting import text_of

KEPT = 1 << 24
"""bytes of each stream of an agent's program that are kept (half head, half tail)"""

NO_MARK = b"\0" * 40
"""What no program writes: its streams end with it, and need no mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEndpoint:
    """The agent's way to its model: the base URL that it is given, and the channel it leads to."""

    url: str
    channel: ModelChannel
    intact: Callable[[], None] = lambda: None
    """Raises `ModelUnreachable` when the way is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramEnd:
    """How the agent's own program ended."""

    exit_code: int | None
    stdout: str
    stderr: str


class LogKeeper:
    """Keeps what an agent writes beside its work: an artifact and an event `logged` each."""

    def __init__(self, history: History, artifact: Callable[[bytes], str]) -> None:
        self._history = history
        self._artifact = artifact

    def keep(self, data: bytes, name: str) -> None:
        """Keep bytes under a name, if there are any."""
        if data:
            self._history.add(Logged(name=name, artifacts=(self._artifact(data),)))

    def keep_file(self, probes: Probes, path: str) -> None:
        """Keep a file or folder of the sandbox (a folder, or what is big, as a tar archive)."""
        archive = probes.get(path)
        single = only_file(archive) if archive is not None else None
        self.keep(single[0] if single is not None else archive or b"", path)


def attend(
    program: Program, wakeups: Sequence[socket.socket], tick: Callable[[], None], logs: LogKeeper
) -> ProgramEnd:
    """Call `tick` at least every 20 ms, and when one wakes up, until the program has ended.

    What it wrote is kept; a program that is cut off, because `tick` raises, runs on.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.closing(program))
        captures = {
            channel: stack.enter_context(contextlib.closing(Capture(NO_MARK, KEPT)))
            for channel in (STDOUT, STDERR)
        }
        while not program.ended:
            for channel, data in program.receive(TICK, wakeups):
                captures[channel].feed(data)
            tick()
        out, err = (_finish(captures[channel]) for channel in (STDOUT, STDERR))
        logs.keep(out, "stdout")
        logs.keep(err, "stderr")
        return ProgramEnd(exit_code=program.exit_code(), stdout=text_of(out), stderr=text_of(err))


def _finish(capture: Capture) -> bytes:
    capture.finish()
    return capture.kept()
