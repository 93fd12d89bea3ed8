"""The bytes of one hijacked exec: Docker's framing taken apart, output kept within bounds."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from collections.abc import Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from harness.errors import SandboxError

_HEADER = struct.Struct(">BxxxL")
STDOUT, STDERR = 1, 2


class Stream:
    """Both directions of an exec without a terminal, as `exec_start(socket=True)` gives it.

    `patience` is how long, in seconds, the other end may take none of what is sent.
    """

    def __init__(self, hijacked: Any, *, patience: float = 30) -> None:
        self._keep = hijacked  # the SDK hangs the HTTP response on it; both are closed together
        self._socket = getattr(hijacked, "_sock", hijacked)
        self._socket.settimeout(patience)  # once: one thread may send while another receives
        self._patience = patience
        self._raw = bytearray()
        self.ended = False

    def send(self, data: bytes) -> None:
        """Send all of `data`; a stream whose other end is gone is marked as ended."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.ended = True
        except TimeoutError as error:
            raise SandboxError(f"the shell takes no input for {self._patience:g} s") from error

    def receive(
        self, seconds: float, wakeups: Sequence[socket.socket] = ()
    ) -> list[tuple[int, bytes]]:
        """Return the frames that arrive within `seconds` (at once when some are there).

        Returns early, with nothing, when one of `wakeups` becomes readable.
        """
        if not self.ended and self._arrived(seconds, wakeups):
            self._fill()
        return self._frames()

    def _arrived(self, seconds: float, wakeups: Sequence[socket.socket]) -> bool:
        """Wait for data of this stream, or a bell; say whether there is data."""
        buffered = getattr(self._socket, "pending", None)  # a TLS socket may hold some back
        if buffered is not None and buffered():
            return True
        ready, _, _ = select.select([self._socket, *wakeups], [], [], seconds)
        return self._socket in ready

    def _fill(self) -> None:
        try:
            data = self._socket.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        self.ended = not data
        self._raw += data

    def _frames(self) -> list[tuple[int, bytes]]:
        frames, at, raw = [], 0, self._raw
        while len(raw) - at >= _HEADER.size:
            channel, size = _HEADER.unpack_from(raw, at)
            if len(raw) - at - _HEADER.size < size:
                break
            at += _HEADER.size
            frames.append((channel, bytes(raw[at : at + size])))
            at += size
            if channel not in {STDOUT, STDERR}:
                raise SandboxError(f"the engine: {frames[-1][1].decode(errors='replace')}")
        del raw[:at]
        return frames

    def close(self) -> None:
        """Close the connection; the process at the other end is not told."""
        with contextlib.suppress(OSError):
            self._socket.close()
        for closable in (getattr(self._keep, "_response", None), self._keep):
            if closable is not None:
                with contextlib.suppress(OSError):
                    closable.close()


class Capture:
    """One output stream up to a mark: head and tail are kept, the whole is spooled when long.

    `limit` is in bytes.  Bytes are fed as they come; those after the mark are the protocol's.
    """

    def __init__(self, mark: bytes, limit: int) -> None:
        self._mark = mark
        self._half = limit // 2
        self._pending = bytearray()
        self._head = bytearray()
        self._tail = bytearray()
        self._whole: IO[bytes] = SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 - closed below
        self.size = 0
        self.after: bytearray | None = None
        """What came after the first mark; None until the mark is seen."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        if self.after is not None:
            self.after += data
            return
        self._pending += data
        found = self._pending.find(self._mark)
        if found >= 0:
            self.after = self._pending[found + len(self._mark) :]
            self._keep(self._pending[:found])
            self._pending.clear()
        elif len(self._pending) > len(self._mark):
            safe = len(self._pending) - len(self._mark)
            self._keep(self._pending[:safe])
            del self._pending[:safe]

    def finish(self) -> None:
        """Count what is pending as output: no mark will come."""
        self._keep(self._pending)
        self._pending.clear()

    def _keep(self, data: bytearray) -> None:
        self.size += len(data)
        self._whole.write(data)
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:] if room > 0 else data
        if len(self._tail) > 4 * self._half:
            del self._tail[: -self._half]

    @property
    def cut(self) -> bool:
        """Say whether `text` leaves something out."""
        return self.size > 2 * self._half

    def kept(self) -> bytes:
        """Return the output, its middle replaced by a note when it is too long."""
        if not self.cut:
            return bytes(self._head + self._tail)
        left_out = self.size - 2 * self._half
        note = f"\n[... {left_out} bytes left out ...]\n".encode()
        return bytes(self._head) + note + bytes(self._tail[-self._half :])

    def whole(self) -> bytes:
        """Return everything, at most 64 MiB of it."""
        self._whole.seek(0)
        return self._whole.read(64 << 20)

    def close(self) -> None:
        """Drop the spooled bytes."""
        self._whole.close()


class Deadline:
    """A point in time on the monotonic clock; `None` seconds means never."""

    def __init__(self, seconds: float | None) -> None:
        self._at = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        """Seconds to go, never below zero."""
        return float("inf") if self._at is None else max(0.0, self._at - time.monotonic())

    def passed(self) -> bool:
        """Say whether it is over."""
        return self.left() <= 0
