"""A trial's place at the gateway: its token, its model, its budget and its record.

The server's threads bring each exchange here and wait; the trial's own thread takes it, records it
and lets it go on.  So a fault can strike between the model's wish and the agent's act.
"""

from __future__ import annotations

import queue
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.gateway.turn import Answer, Format, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request that came, or the answer that will go out."""

    kind: Literal["request", "answer", "failed"]
    format: Format
    request: Request
    answer: Answer | None
    body: Any
    """The JSON as it crossed the wire (for a failure, its words)."""
    seconds: float
    """answer: how long the model took."""
    done: threading.Event = field(default_factory=threading.Event)


class Refusal(Exception):  # noqa: N818 - it is an answer, in HTTP
    """The gateway answers by itself, with this status."""

    def __init__(self, status: int, kind: str, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.after = status, kind, after


class Desk:
    """Where one trial's agent meets its model."""

    def __init__(self, model: Model) -> None:
        self.token = "sk-" + secrets.token_hex(16)
        """What the agent has for a key; it opens nothing but this desk."""
        self.model = model
        self.closed: str | None = None
        """Why no more is answered; None while it is."""
        self._waiting: queue.SimpleQueue[Exchange] = queue.SimpleQueue()
        self._bell, self._ring = socket.socketpair()
        self._bell.setblocking(False)

    @property
    def bell(self) -> socket.socket:
        """Readable when there is something to `take`."""
        return self._bell

    def bring(self, exchange: Exchange) -> None:
        """Bring an exchange (from a thread of the server) and wait until it may go on."""
        if self.closed is not None:
            raise Refusal(403, "closed", self.closed)
        self._waiting.put(exchange)
        self._ring.send(b".")
        exchange.done.wait()
        if self.closed is not None:
            raise Refusal(403, "closed", self.closed)

    def take(self) -> list[Exchange]:
        """Return what waits; each must be let go by its `done`."""
        try:
            self._bell.recv(4096)
        except BlockingIOError:
            return []
        taken = []
        while not self._waiting.empty():
            taken.append(self._waiting.get())
        return taken

    def close(self, why: str) -> None:
        """Answer nothing any more."""
        self.closed = why
        for exchange in self.take():
            exchange.done.set()

    def dispose(self) -> None:
        """Close for good."""
        self.close("the trial is over")
        self._bell.close()
        self._ring.close()


Model = Callable[[Request, bytes], "Reply"]
"""(request, raw body) -> what goes back.  Called in a thread of the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer and the bytes that carry it."""

    answer: Answer
    status: int = 200
    media: str = "application/json"
    chunks: tuple[bytes, ...]
    pause: float = 0.0
    """Seconds between chunks."""
    cut: bool = False
    """Close the connection after the chunks, in the middle of the answer."""
