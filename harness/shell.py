"""One long-lived bash per trial on a hijacked exec: state persists, each command ends with a mark.

A command is given to the shell's `eval` inside a group whose standard input is empty, so that
neither a syntax error nor a program that reads can swallow the protocol.  The marks are random,
written by builtins to copies of the two output pipes: they follow the command's own bytes even
when background jobs keep those pipes open.
"""

from __future__ import annotations

import re
import secrets
import shlex
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.errors import SandboxError
from harness.stream import Capture, Deadline, Stream

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
        bells: Sequence[socket.socket] = (),
    ) -> None:
        self._stream = stream
        self._bells = bells
        """When one is readable, `tick` is called at once."""
        self._alive = alive
        self._limit = limit
        self._last = 0
        self.dead = False
        self.pid = self._greet()

    def _greet(self) -> int:
        token = secrets.token_hex(12)
        self._stream.send(f"exec 198>&1 199>&2\nprintf '\\n%s %s\\n' {token} $$ >&198\n".encode())
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
        kill: Callable[[float], None] = lambda _: None,
    ) -> Result:
        """Run one command and wait for its end.

        `tick` is called at least every 20 ms.  After `seconds` the command is ended by `kill`
        (which is told how long it ran and must end the shell too) and what it had said is kept.
        """
        token = secrets.token_hex(12)
        captures = {n: Capture(f"\n{token}".encode(), self._limit) for n in (1, 2)}
        began = time.monotonic()
        self._stream.send(_wrap(command, token, self._last))
        try:
            timed_out = self._wait(captures, token, Deadline(seconds), tick)
            took = time.monotonic() - began
            if timed_out:
                kill(took)
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
        while not _ended(captures, token):
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
        out, err = captures[1], captures[2]
        ends = bytes(out.after or b"")
        for capture in captures.values():
            if capture.after is None:
                capture.finish()
        exit_code, pipestatus = _statuses(ends, token)
        if self.dead and not timed_out:
            exit_code, pipestatus = self._alive()[1], None
        self._last = exit_code or 0
        cut = out.cut or err.cut
        stdout, stderr = out.kept(), err.kept()
        raw = cut or not (_is_text(stdout) and _is_text(stderr))
        return Result(
            stdout=stdout,
            stderr=stderr,
            exit_code=None if timed_out else exit_code,
            pipestatus=pipestatus,
            seconds=took,
            timed_out=timed_out,
            died=self.dead and not timed_out,
            cut=cut,
            whole=(out.whole(), err.whole()) if raw else None,
        )

    def close(self) -> None:
        """Let go of the stream."""
        self._stream.close()


def _wrap(command: str, token: str, last: int) -> bytes:
    """Return what is typed into the shell for one command.

    `$?` of the command before is put back first, so that `echo $?` means what it says.
    """
    before = {0: ":", 1: "false"}.get(last, f"(exit {last})")
    text = command.replace("\0", "")
    if _keeps_its_end(text):
        text += f"\n\nprintf '\\n%sp %s\\n' {token} \"$? ${{PIPESTATUS[*]}}\" >&198"
    return (
        f"{{ {before}; eval {shlex.quote(text)}\n}} </dev/null\n"
        f"printf '\\n%se %s\\n' {token} $? >&198; printf '\\n%se\\n' {token} >&199\n"
    ).encode(errors="surrogateescape")


_HEREDOC = re.compile(r"<<-?[ \t]*(['\"\\]?)([A-Za-z_][A-Za-z0-9_]*)")


def _keeps_its_end(text: str) -> bool:
    """Say whether a line appended to `text` is a command (and not the rest of a here-document)."""
    lines = {line.lstrip("\t") for line in text.split("\n")}
    return all(match[2] in lines for match in _HEREDOC.finditer(text))


def _ended(captures: dict[int, Capture], token: str) -> bool:
    out, err = captures[1].after, captures[2].after
    if out is None or err is None or not out.endswith(b"\n"):
        return False
    return out.startswith(b"e ") or f"\n{token}e ".encode() in out


def _statuses(ends: bytes, token: str) -> tuple[int | None, tuple[int, ...] | None]:
    """Return exit code and PIPESTATUS out of what follows the first mark on stdout."""
    text = ends.decode(errors="replace")
    pipes = re.match(r"p (\d+) ([\d ]+)\n", text)
    if pipes:
        return int(pipes[1]), tuple(int(n) for n in pipes[2].split())
    code = re.search(rf"(?:^|\n{token})e (\d+)\n", text)
    return (int(code[1]), None) if code else (None, None)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def quoted(paths: Sequence[str]) -> str:
    """Return paths as one line of shell words."""
    return " ".join(shlex.quote(path) for path in paths)


def text_of(data: bytes) -> str:
    r"""Return bytes as text; what is no UTF-8 shows as `\xNN`."""
    return data.decode(errors="backslashreplace")
