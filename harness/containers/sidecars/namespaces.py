"""Helpers beside one container: they share a namespace with it, and nothing inside shows them.

Each is a sidecar of the helpers' image, started when it is first asked for and gone with `close`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from harness.containers.ports import Container, ContainerEngine
from harness.containers.programs import BASH
from harness.containers.shell import Shell
from harness.containers.sidecars.channel import Channel
from harness.containers.stream import Stream
from harness.errors import SandboxError

MOUNTING = ["SYS_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "DAC_READ_SEARCH"]
ANSWER_SECONDS = 10.0
"""How long a helper may take to answer."""


@dataclass(slots=True, kw_only=True)
class NamespaceSidecars:
    """The helpers of one container; `image` holds `/mount` and `nft`."""

    engine: ContainerEngine
    image: str
    container: Container
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _mounts: Orders | None = None
    _network: Shell | None = None

    def mounts(self) -> Orders:
        """Return the helper that mounts in the container's namespace (`mount.c`)."""
        if self._mounts is None:
            command = ["/mount", str(self.container.first_pid())]
            sidecar = self.engine.sidecar(self.image, command, caps=MOUNTING, pid="host")
            self._mounts = Orders(self._open.enter_context(sidecar).stream)
        return self._mounts

    def network(self) -> Shell:
        """Return a shell in the container's network namespace that may change its rules."""
        if self._network is None:
            where = f"container:{self.container.id}"
            sidecar = self.engine.sidecar(self.image, list(BASH), caps=["NET_ADMIN"], network=where)
            stream = self._open.enter_context(sidecar).stream
            self._network = Shell(stream, alive=lambda: (not stream.ended, None))
        return self._network

    def close(self) -> None:
        """Remove the sidecars."""
        self._mounts = self._network = None
        self._open.close()


class Orders:
    """A helper that takes one order a line and answers each with a line."""

    def __init__(self, stream: Stream) -> None:
        self._channel = Channel(stream, "the helper", ANSWER_SECONDS)
        answer = self._channel.line()
        if answer != "ready":
            raise SandboxError(f"the helper does not start: {answer}")

    def give(self, order: str) -> None:
        """Give an order; `SandboxError` with the helper's words if it fails."""
        self._channel.send(order.encode() + b"\n")
        answer = self._channel.line()
        if answer != "ok":
            raise SandboxError(f"{order}: {answer.removeprefix('error: ')}")
