"""The model tunnel carries bytes both ways, whatever happens to the sandbox's network."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from harness.containers.sidecars.model_tunnel import ModelTunnel, model_tunnel
from harness.errors import ModelUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.containers.container import DockerContainer
    from harness.containers.engine import Engine

pytestmark = pytest.mark.container

TALK = """
import hashlib, socket, sys
with socket.create_connection(("127.0.0.1", {port}), timeout=20) as line:
    line.sendall(b"x" * {size})
    got = b""
    while len(got) < {size}:
        some = line.recv(65536)
        if not some:
            break
        got += some
print(hashlib.sha256(got).hexdigest())
"""


@contextlib.contextmanager
def echoing() -> Iterator[tuple[str, int]]:
    """Give the address of a server on this side that answers with what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server,))
        thread.start()
        try:
            yield server.getsockname()
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _serve(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            end, _ = server.accept()
            threading.Thread(target=_echo, args=(end,), daemon=True).start()


def _echo(end: socket.socket) -> None:
    with end, contextlib.suppress(OSError):
        while some := end.recv(65536):
            end.sendall(some)


@pytest.fixture
def line(
    engine: Engine, images: Mapping[str, str], container: DockerContainer
) -> Iterator[ModelTunnel]:
    with echoing() as target, model_tunnel(engine, images["helpers"], container, target) as opened:
        yield opened


def talked(container: DockerContainer, line: ModelTunnel, size: int) -> str:
    port = line.url.rpartition(":")[2]
    script = TALK.format(port=port, size=size)
    said = container.probes.ask(f"python3 - <<'END'\n{script}\nEND", seconds=30)
    return said.stdout.decode().strip()


@pytest.mark.parametrize("size", [1, 300_000])
def test_what_goes_in_comes_back(container: DockerContainer, line: ModelTunnel, size: int) -> None:
    """A byte and many frames of them arrive whole, in order."""
    assert hashlib.sha256(b"x" * size).hexdigest() == talked(container, line, size)
    line.check()


def test_a_dead_route_and_resolver_do_not_cut_it(
    container: DockerContainer, line: ModelTunnel
) -> None:
    """It is a loopback port of the sandbox, and uses no name, route or network of it."""
    before = container.probes.ask("cat /etc/resolv.conf").stdout.decode()
    container.probes.script("echo nameserver 192.0.2.1 > /etc/resolv.conf", "break the resolver")
    try:
        assert hashlib.sha256(b"x" * 10).hexdigest() == talked(container, line, 10)
    finally:
        container.probes.script(f"cat > /etc/resolv.conf <<'END'\n{before}END", "mend the resolver")


def test_connections_stand_side_by_side(container: DockerContainer, line: ModelTunnel) -> None:
    """Each has its own answers."""
    sizes = (7, 70_000, 9)
    port = line.url.rpartition(":")[2]
    talks = [TALK.format(port=port, size=size) for size in sizes]
    both = "\n".join(f"python3 - <<'END' > /tmp/{i} &\n{t}\nEND" for i, t in enumerate(talks))
    container.probes.script(f"{both}\nwait", "talk at once")
    said = container.probes.ask("cat /tmp/0 /tmp/1 /tmp/2; rm /tmp/[012]").stdout.decode().split()
    assert said == [hashlib.sha256(b"x" * size).hexdigest() for size in sizes]


def test_no_gateway_on_this_side_is_a_closed_connection(
    engine: Engine, images: Mapping[str, str], container: DockerContainer
) -> None:
    """Where nothing listens the agent's connection ends, and the line itself stands."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        target = free.getsockname()
    with model_tunnel(engine, images["helpers"], container, target) as line:
        assert hashlib.sha256(b"").hexdigest() == talked(container, line, 5)
        line.check()


def test_a_sidecar_that_dies_is_noticed(
    engine: Engine, images: Mapping[str, str], container: DockerContainer
) -> None:
    """The machine's failure, and never the agent's."""
    with echoing() as target, model_tunnel(engine, images["helpers"], container, target) as line:
        line.check()
        engine.api.kill(_sidecar(engine, container))
        with pytest.raises(ModelUnreachable, match="tunnel is gone"):
            _watch(line)


def _sidecar(engine: Engine, container: DockerContainer) -> str:
    shares = f"container:{container.id}"
    return next(
        str(one["Id"])
        for one in engine.api.containers()
        if one["HostConfig"]["NetworkMode"] == shares
    )


def _watch(line: ModelTunnel) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        line.check()
        time.sleep(0.05)
