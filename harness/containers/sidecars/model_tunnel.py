"""The model tunnel: a loopback port in the sandbox that leads to the gateway, and nowhere else.

A sidecar in the sandbox's network namespace listens on 127.0.0.1; what it accepts is carried over
its hijacked stream to the harness, which connects to the gateway.  No route, name service or
network of the sandbox has a part in it, so no injected network fault can cut it.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

from harness.containers.ports import Container, ContainerEngine
from harness.containers.sidecars.channel import Channel
from harness.containers.stream import Deadline, Stream
from harness.errors import ModelUnreachable, SandboxError

PORT = 4010
"""The port in the sandbox."""

_HEAD = struct.Struct(">cLL")
CHUNK = 1 << 16
START_SECONDS = 20.0


@contextlib.contextmanager
def model_tunnel(
    engine: ContainerEngine,
    image: str,
    container: Container,
    target: tuple[str, int],
    port: int = PORT,
) -> Iterator[ModelTunnel]:
    """Open it for the length of a `with`.

    `target` is where the gateway listens on this host; `image` holds `/tunnel`.
    """
    where = f"container:{container.id}"
    with engine.sidecar(image, ["/tunnel", str(port)], network=where) as sidecar:
        tunnel = ModelTunnel(sidecar.stream, target, port)
        try:
            tunnel.wait()
            yield tunnel
        finally:
            tunnel.close()


class ModelTunnel:
    """The outer end: one thread reads the frames, one more for each connection."""

    def __init__(self, stream: Stream, target: tuple[str, int], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        """The base URL that the agent is given."""
        self._channel = Channel(stream, "the model tunnel", START_SECONDS)
        self._target = target
        self._sending = threading.Lock()
        self._ends: dict[int, socket.socket] = {}
        self._pumps: list[threading.Thread] = []
        self._ready = threading.Event()
        self._closing = False
        self._reader = threading.Thread(target=self._read, name="model tunnel", daemon=True)
        self._reader.start()

    def wait(self) -> None:
        """Wait until the inner end listens."""
        if not self._ready.wait(START_SECONDS) or self._channel.stream.ended:
            why = self._channel.complaint or "no answer"
            raise SandboxError(f"the model tunnel does not start: {why}")

    def check(self) -> None:
        """Raise `ModelUnreachable` when the inner end is gone."""
        if self._channel.stream.ended or not self._reader.is_alive():
            why = self._channel.complaint or "its sidecar ended"
            raise ModelUnreachable(f"the model tunnel is gone: {why}")

    def close(self) -> None:
        """End all connections and threads."""
        self._closing = True
        for end in list(self._ends.values()):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._channel.stream.close()
        deadline = Deadline(5)
        for thread in (self._reader, *self._pumps):
            thread.join(deadline.left())

    def _read(self) -> None:
        raw = self._channel.received
        while not self._channel.stream.ended and not self._closing:
            with contextlib.suppress(OSError, SandboxError):
                self._channel.pull(0.5)
            while len(raw) >= _HEAD.size:
                kind, number, size = _HEAD.unpack_from(raw)
                if len(raw) < _HEAD.size + size:
                    break
                self._dispatch(kind, number, self._channel.bytes(_HEAD.size + size)[_HEAD.size :])
        self._ready.set()

    def _dispatch(self, kind: bytes, number: int, data: bytes) -> None:
        if number == 0:
            self._ready.set()
        elif kind == b"o":
            self._open(number)
        elif (end := self._ends.get(number)) is not None:
            with contextlib.suppress(OSError):
                if kind == b"d":
                    end.sendall(data)
                else:
                    end.shutdown(socket.SHUT_RDWR)

    def _open(self, number: int) -> None:
        try:
            end = socket.create_connection(self._target, timeout=10)
        except OSError:
            self._send(b"c", number, b"")
            return
        end.settimeout(None)
        self._ends[number] = end
        pump = threading.Thread(target=self._pump, args=(number, end), daemon=True)
        self._pumps.append(pump)
        pump.start()

    def _pump(self, number: int, end: socket.socket) -> None:
        with end:
            while True:
                try:
                    data = end.recv(CHUNK)
                except OSError:
                    data = b""
                if not data:
                    break
                self._send(b"d", number, data)
        self._ends.pop(number, None)
        self._send(b"c", number, b"")

    def _send(self, kind: bytes, number: int, data: bytes) -> None:
        if self._closing:
            return
        with self._sending, contextlib.suppress(OSError, SandboxError):
            self._channel.send(_HEAD.pack(kind, number, len(data)) + data)
