"""A sidecar's standard streams: what is sent to it, and what it answers, in bytes or lines."""

from __future__ import annotations

from harness.containers.stream import STDOUT, Deadline, Stream
from harness.errors import SandboxError

COMPLAINT = 400
"""bytes of standard error that an error message quotes"""


class Channel:
    """Reads from one thread; sends whole messages."""

    def __init__(self, stream: Stream, name: str, patience: float) -> None:
        self.stream = stream
        self.name = name
        self._patience = patience
        """Seconds of silence after which the sidecar counts as gone."""
        self.received = bytearray()
        """Standard output that has not been read yet."""
        self._errors = bytearray()

    def send(self, data: bytes) -> None:
        """Write to its standard input."""
        self.stream.send(data)

    def pull(self, seconds: float) -> None:
        """Take in what has come, waiting so long at the most for the first of it."""
        for channel, data in self.stream.receive(seconds):
            (self.received if channel == STDOUT else self._errors).extend(data)

    def line(self) -> str:
        """Return the next line, without its end."""
        while (end := self.received.find(b"\n")) < 0:
            self._wait()
        return self.bytes(end + 1).decode(errors="replace").rstrip("\n")

    def peek(self) -> bytes:
        """Return the next byte, which stays."""
        self._fill(1)
        return bytes(self.received[:1])

    def bytes(self, size: int) -> bytes:
        """Return the next bytes."""
        self._fill(size)
        taken = bytes(self.received[:size])
        del self.received[:size]
        return taken

    @property
    def complaint(self) -> str:
        """The last that it wrote to its standard error; empty if it wrote nothing."""
        return bytes(self._errors[-COMPLAINT:]).decode(errors="replace").strip()

    def _fill(self, size: int) -> None:
        while len(self.received) < size:
            self._wait()

    def _wait(self) -> None:
        deadline, before = Deadline(self._patience), len(self.received)
        while len(self.received) == before:
            if self.stream.ended or deadline.passed():
                raise SandboxError(f"{self.name} does not answer: {self.complaint or 'no word'}")
            self.pull(0.5)
