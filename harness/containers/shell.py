"""One long-lived bash per trial on a hijacked exec: state persists, each command ends with a mark.

What is typed and how the mark looks is `harness.containers.shell_protocol`.  The marks follow the
command's own bytes even when background jobs keep the output pipes open.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.containers import shell_protocol
from harness.containers.shell_protocol import START, Ending
from harness.containers.stream import STDERR, STDOUT, Capture, Deadline, Stream
from harness.errors import SandboxError

TICK = 0.02
"""Seconds between two looks at the world while a command runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one command did.  Bytes as they came; `seconds` is wall time."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None
    pipestatus: tuple[int, ...] | None
    seconds: float
    timed_out: bool = False
    died: bool = False
    """The shell itself ended."""
    cut: bool = False
    whole: tuple[bytes, bytes] | None = None
    """Complete stdout and stderr when they were cut or are no UTF-8."""


class Shell:
    """A bash reached through a stream.  `alive` asks from outside; `kill` ends all it began."""

    def __init__(
        self,
        stream: Stream,
        *,
        alive: Callable[[], tuple[bool, int | None]],
        limit: int = 1 << 20,
        wakeups: Sequence[socket.socket] = (),
    ) -> None:
        self._stream = stream
        self._bells = wakeups
        """When one is readable, `tick` is called at once."""
        self._alive = alive
        self._limit = limit
        self._rest: dict[int, bytes] = {}
        """What background jobs said after the last mark, by stream."""
        self.last: Ending = START
        """How the last command ended."""
        self.dead = False
        self.pid = self._greet()

    def _greet(self) -> int:
        token = secrets.token_hex(12)
        self._stream.send(shell_protocol.GREETING.format(token=token).encode())
        mark = Capture(f"\n{token} ".encode(), 1024)
        deadline = Deadline(30)
        while mark.after is None or b"\n" not in mark.after:
            if deadline.passed() or self._stream.ended:
                mark.finish()
                said = mark.kept().decode(errors="replace").strip()
                mark.close()
                raise SandboxError(
                    f"no shell could be opened in the sandbox: {said or 'no answer'}"
                )
            for _, data in self._stream.receive(TICK):
                mark.feed(data)
        mark.close()
        return int(mark.after)

    def run(
        self,
        command: str,
        *,
        seconds: float,
        tick: Callable[[], None] = lambda: None,
        kill: Callable[[], None] = lambda: None,
    ) -> Result:
        """Run one command and wait for its end.

        `tick` is called at least every 20 ms.  After `seconds` the command is ended by `kill`
        (which must end the shell too) and what it had said is kept.
        """
        token = secrets.token_hex(12)
        captures = {n: Capture(shell_protocol.mark(token), self._limit) for n in (STDOUT, STDERR)}
        for channel, data in self._rest.items():
            captures[channel].feed(data)
        began = time.monotonic()
        try:
            self._stream.send(shell_protocol.render_command(command, token, self.last))
            timed_out = self._wait(captures, token, Deadline(seconds), tick)
            took = time.monotonic() - began
            if timed_out:
                kill()
                self._drain(captures)
                self.dead = True
            return self._result(captures, token, took, timed_out=timed_out)
        finally:
            for capture in captures.values():
                capture.close()

    def _wait(
        self,
        captures: dict[int, Capture],
        token: str,
        deadline: Deadline,
        tick: Callable[[], None],
    ) -> bool:
        """Feed the captures until both marks are whole; True if the time ran out first."""
        quiet_since, patience = time.monotonic(), 0.1
        out, err = captures[STDOUT], captures[STDERR]
        while err.after is None or _end(out, token) is None:
            if self._stream.ended:
                self.dead = True
                return False
            if deadline.passed():
                return True
            frames = self._stream.receive(min(TICK, deadline.left()), self._bells)
            for channel, data in frames:
                captures[channel].feed(data)
            tick()
            now = time.monotonic()
            if frames:
                quiet_since, patience = now, 0.1
            elif now - quiet_since > patience:
                # A background job may hold the pipes of a shell that is gone: ask from outside.
                patience = min(patience * 2, 1.0) + (now - quiet_since)
                if not self._alive()[0]:
                    self._drain(captures)
                    self.dead = True
                    return False
        return False

    def _drain(self, captures: dict[int, Capture]) -> None:
        """Take what is still in the pipes, for a moment at most."""
        deadline = Deadline(0.5)
        while not deadline.passed() and not self._stream.ended:
            frames = self._stream.receive(0.05)
            for channel, data in frames:
                captures[channel].feed(data)
            if not frames:
                return

    def _result(
        self, captures: dict[int, Capture], token: str, took: float, *, timed_out: bool
    ) -> Result:
        out, err = captures[STDOUT], captures[STDERR]
        for capture in captures.values():
            if capture.after is None:
                capture.finish()
        end = None if self.dead else _end(out, token)
        if end is not None:
            self.last = end
            self._rest = {
                STDOUT: bytes(out.after or b"")[end.size :],
                STDERR: bytes(err.after or b""),
            }
        exit_code = end.exit_code if end is not None else None if timed_out else self._code()
        cut = out.cut or err.cut
        stdout, stderr = out.kept(), shell_protocol.scrub(err.kept(), token)
        raw = cut or not (_is_text(stdout) and _is_text(stderr))
        return Result(
            stdout=stdout,
            stderr=stderr,
            exit_code=exit_code,
            pipestatus=end.pipestatus if end is not None else None,
            seconds=took,
            timed_out=timed_out,
            died=self.dead and not timed_out,
            cut=cut,
            whole=(out.whole(), shell_protocol.scrub(err.whole(), token)) if raw else None,
        )

    def _code(self) -> int | None:
        """Return the exit code of a shell that ended.

        Engine 20.10 learns it up to 4 s late when a background job still holds the shell's pipes.
        """
        deadline = Deadline(5.0)
        running, code = self._alive()
        while running and not deadline.passed():
            time.sleep(0.005)
            running, code = self._alive()
        return code

    def gone(self) -> bool:
        """Say whether the shell ended while it was not waited for."""
        if not self.dead and not self._stream.ended:
            for channel, data in self._stream.receive(0):
                self._rest[channel] = self._rest.get(channel, b"") + data
        return self.dead or self._stream.ended

    def close(self) -> None:
        """Let go of the stream."""
        self._stream.close()


def _end(out: Capture, token: str) -> Ending | None:
    return None if out.after is None else shell_protocol.read_ending(bytes(out.after), token)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
