"""A trial's place at the gateway: its token, its model, and what crosses between the two.

The server's threads bring each exchange here and wait; the trial's own thread takes it, records it
and lets it go on.  So a fault can be injected between the model's answer and the agent's act.
"""

from __future__ import annotations

import contextlib
import queue
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from harness.gateway.turns import Answer, Request

LOOK_SECONDS = 0.5
"""How soon a waiting exchange notices that the channel has closed, in seconds."""


class Refusal(Exception):  # noqa: N818 - it is an answer, in HTTP
    """The gateway answers by itself, with this status."""

    def __init__(
        self, status: int, kind: str, message: str, *, after: float | None = None,
        ours: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.kind = status, kind
        self.after = after
        """Retry-After, in seconds."""
        self.ours = ours
        """The model, or the way to it, failed: this says nothing about the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer and the bytes that carry it."""

    answer: Answer
    status: int = 200
    media: str = "application/json"
    chunks: tuple[bytes, ...]
    cut: bool = False
    """Close the connection after the chunks, in the middle of the answer."""


Model = Callable[[Request, bytes], Reply]
"""(request, raw body) -> what goes back.  Called in a thread of the server."""

Trouble = Callable[[Request, Callable[[], Reply], Callable[[float], object]], tuple[Reply, bool]]
"""(request, ask the model, wait n seconds) -> (what goes back, whether anything was broken)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request that came, the answer that will go out, or why there is none."""

    kind: Literal["request", "answer", "failed"]
    request: Request
    raw: bytes
    """The request's body as it crossed the wire."""
    reply: Reply | None = None
    refusal: Refusal | None = None
    seconds: float = 0.0
    """How long the model took."""
    effect: int = 0
    """Which effect of the fault on the agent this is, counted from 1; 0: it is none."""
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def ours(self) -> bool:
        """Say whether a failure says nothing about the agent."""
        return self.refusal is not None and self.refusal.ours


class ModelChannel:
    """Where one trial's agent meets its model."""

    def __init__(self, model: Model) -> None:
        self.token = "sk-" + secrets.token_hex(16)
        """What the agent has for a key; it opens nothing but this channel."""
        self.model = model
        self.trouble: Trouble | None = None
        """The fault that stands before the model, while it does."""
        self.closed: str | None = None
        """Why no more is answered; None while it is."""
        self._effects = 0
        self._closing = threading.Event()
        self._waiting: queue.SimpleQueue[Exchange] = queue.SimpleQueue()
        self._bell, self._ring = socket.socketpair()
        self._bell.setblocking(False)

    @property
    def wakeup(self) -> socket.socket:
        """Readable when there is something to `take`."""
        return self._bell

    def exchange(self, request: Request, raw: bytes) -> Reply:
        """Answer one request, from a thread of the server; `Refusal` when it is not answered."""
        self._bring(Exchange(kind="request", request=request, raw=raw))
        answered = self.answer(request, raw, self._closing.wait)
        self._bring(answered)
        if answered.reply is None:
            raise answered.refusal or Refusal(500, "api_error", "no answer")
        return answered.reply

    def answer(self, request: Request, raw: bytes, wait: Callable[[float], object]) -> Exchange:
        """Ask the model, or the fault that stands before it; failures are in the exchange."""
        began, trouble = time.monotonic(), self.trouble
        hit = False
        reply, refusal = None, None
        try:
            if trouble is None:
                reply = self.model(request, raw)
            else:
                reply, hit = trouble(request, lambda: self.model(request, raw), wait)
        except Refusal as error:
            refusal, hit = error, trouble is not None and not error.ours
        self._effects += hit
        return Exchange(
            kind="failed" if reply is None or reply.cut else "answer",
            request=request,
            raw=raw,
            reply=reply,
            refusal=refusal,
            seconds=time.monotonic() - began,
            effect=self._effects if hit else 0,
        )

    def mend(self) -> None:
        """Take the fault away; its effects are counted anew next time."""
        self.trouble = None
        self._effects = 0

    def take(self) -> list[Exchange]:
        """Return what waits; each must be let go by its `done`."""
        with contextlib.suppress(OSError):  # nothing there, or closed
            self._bell.recv(4096)
        taken = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._waiting.get_nowait())
        return taken

    def close(self, why: str) -> None:
        """Answer nothing any more."""
        self.closed = self.closed or why
        self._closing.set()
        for exchange in self.take():
            exchange.done.set()

    def dispose(self) -> None:
        """Close for good."""
        self.close("the trial is over")
        self._bell.close()
        self._ring.close()

    def _bring(self, exchange: Exchange) -> None:
        """Bring an exchange to the trial's thread and wait until it may go on."""
        if self.closed is None:
            self._waiting.put(exchange)
            with contextlib.suppress(OSError):
                self._ring.send(b".")
        while self.closed is None and not exchange.done.wait(LOOK_SECONDS):
            pass
        if self.closed is not None:
            raise Refusal(403, "permission_error", self.closed)
