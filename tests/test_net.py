"""The packet filter in real containers: what a program meets, how it is counted, and its end."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.containers.sidecars.namespaces import NamespaceSidecars
from harness.injection.mechanisms import net
from harness.injection.mechanisms.base import InjectionTarget
from harness.models.fault import Fault
from harness.models.trigger import Schedule

SERVER = "cd /usr/bin; setsid python3 -m http.server 8080 </dev/null >/dev/null 2>&1 &"
GET = "curl -sS -o /dev/null -m {seconds} http://shop.internal:8080/{path}"
BIG = "python3.11"


@pytest.fixture(scope="module")
def pair(
    engine: Engine, images: Mapping[str, str]
) -> Iterator[tuple[DockerContainer, DockerContainer]]:
    """Return a server, and a sandbox on the same network."""
    with engine.network(f"net-{secrets.token_hex(6)}") as network, contextlib.ExitStack() as stack:
        container_spec = ContainerSpec(name="server", network=network, aliases=("shop.internal",))
        server = stack.enter_context(engine.container(images["workbench"], container_spec))
        server.probes.script(SERVER, "start")
        server.probes.script("until ss -ltn | grep -q :8080; do sleep 0.05; done", "ready")
        container = stack.enter_context(
            engine.container(images["workbench"], ContainerSpec(name="s", network=network))
        )
        yield server, container


@pytest.fixture
def target(
    engine: Engine, images: Mapping[str, str], pair: tuple[DockerContainer, DockerContainer]
) -> Iterator[InjectionTarget]:
    """Return where a fault may strike, with helpers beside it."""
    sidecars = NamespaceSidecars(engine=engine, image=images["helpers"], container=pair[1])
    with contextlib.closing(sidecars):
        fault = Fault(title="t", category="c", error_type="e")
        made = InjectionTarget(
            fault=fault, container=pair[1], user="root", fetch=engine.fetch, sidecars=sidecars
        )
        yield made
        net.heal(made, {})


def struck(
    target: InjectionTarget, settings: dict[str, Any], times: int | None = None
) -> InjectionTarget:
    """Return the site of a fault with these settings."""
    schedule = Schedule() if times is None else Schedule(kind="times", value=times)
    fault = target.fault.model_copy(update={"settings": settings, "schedule": schedule})
    return InjectionTarget(
        fault=fault,
        container=target.container,
        user="root",
        fetch=target.fetch,
        sidecars=target.sidecars,
    )


def get(container: DockerContainer, path: str = "", seconds: float = 0.7) -> tuple[int | None, str]:
    """Return curl's exit code and what it complains about."""
    said = container.probes.ask(GET.format(path=path, seconds=seconds), seconds=20)
    return said.exit_code, said.stderr.decode()


@pytest.mark.container
@pytest.mark.parametrize(
    ("settings", "path", "code", "words"),
    [
        pytest.param({"effect": "refuse"}, "", 7, "connect", id="refused"),
        pytest.param({"effect": "drop"}, "", 28, "time", id="dropped"),
        pytest.param({"effect": "unreachable"}, "", 7, "connect", id="unreachable"),
        pytest.param({"effect": "reset", "after": 200000}, BIG, 56, "reset", id="cut half-way"),
        pytest.param({"effect": "slow", "rate": 20000}, BIG, 28, "time", id="slow"),
        pytest.param({"effect": "lossy", "share": 99}, "", 28, "time", id="nearly all is lost"),
    ],
)
def test_an_effect(
    target: InjectionTarget,
    pair: tuple[DockerContainer, DockerContainer],
    settings: dict[str, Any],
    path: str,
    code: int,
    words: str,
) -> None:
    """Connections to the host fail as they do in life, others do not; healed, none does."""
    here = struck(target, {"host": "shop.internal", "port": "8080", **settings})
    assert net.available(here) is None
    for _ in range(2):
        assert net.present(here) is False
        facts = net.inject(here)
        assert net.present(here) is True
        found, said = get(here.container, path)
        assert (found, words in said) == (code, True), said
        assert net.counted(here) >= 1  # an older connection may still try
        own = 'python3 -c \'import socket as s; a = s.create_server(("127.0.0.1", 4010)); '
        own += 's.create_connection(("127.0.0.1", 4010))\''
        assert here.container.probes.ask(own).exit_code == 0
        net.heal(here, facts)
        assert net.present(here) is False
        assert get(here.container, path, seconds=5)[0] == 0
    assert pair[0].probes.ask("ss -ltn").exit_code == 0


@pytest.mark.container
@pytest.mark.parametrize(
    ("settings", "path", "code"),
    [
        pytest.param({"effect": "refuse"}, "", 7, id="refused"),
        pytest.param({"effect": "reset", "after": 100000}, BIG, 56, id="cut half-way"),
    ],
)
def test_the_kernel_counts(
    target: InjectionTarget, settings: dict[str, Any], path: str, code: int
) -> None:
    """After `times` connections the kernel lets the next one pass, before anybody heals."""
    here = struck(target, {"port": 8080, **settings}, times=3)
    facts = net.inject(here)
    found = []
    for count in range(5):
        assert net.counted(here) == min(count, 3)
        assert net.present(here) is (count < 3)
        found.append(get(here.container, path, seconds=5)[0])
    net.heal(here, facts)
    assert found == [code] * 3 + [0] * 2


@pytest.mark.container
def test_everything_is_refused_but_the_tunnel(target: InjectionTarget) -> None:
    """Without host and port every connection is hit, the loopback's too, save the model's."""
    here = struck(target, {"effect": "refuse"})
    facts = net.inject(here)
    serve = 'import socket as s; a = s.create_server(("127.0.0.1", {0})); '
    serve += 's.create_connection(("127.0.0.1", {0}))'
    codes = [
        here.container.probes.ask(f"python3 -c '{serve.format(p)}'").exit_code for p in (4010, 4011)
    ]
    net.heal(here, facts)
    assert codes == [0, 1]


LISTED = 'listed=$(ps -eo comm=); sort <<< "$listed" | uniq -c'
"""Which processes run, told before the sorting begins."""


@pytest.mark.container
def test_nothing_inside_shows_it(target: InjectionTarget) -> None:
    """The rules are out of reach for root inside, and no process shows."""
    here = struck(target, {"effect": "drop", "port": 9})
    before = here.container.probes.ask(LISTED).stdout
    facts = net.inject(here)
    assert here.container.probes.ask(LISTED).stdout == before
    seen = here.container.probes.ask(
        "python3 -c 'import socket as s; s.socket(s.AF_INET, s.SOCK_RAW, 255)'"
    )
    assert b"not permitted" in seen.stderr
    net.heal(here, facts)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"effect": "slow"}, "rate", id="slow, and nobody knows how much"),
        pytest.param({"effect": "drop", "rate": 5}, "rate", id="a rate that means nothing"),
        pytest.param({"effect": "lossy"}, "share", id="lossy, and nobody knows how much"),
        pytest.param({"effect": "drop", "after": 5}, "after", id="bytes that mean nothing"),
        pytest.param({"effect": "eat"}, "refuse", id="no such effect"),
        pytest.param({"effect": "drop", "port": 0}, "greater", id="no such port"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], words: str) -> None:
    """Settings that make no rule are told before anything runs."""
    with pytest.raises(ValidationError, match=words):
        net.Settings.model_validate(settings)


@pytest.mark.parametrize("effect", ["refuse", "drop", "unreachable", "reset", "slow", "lossy"])
def test_the_tunnel_comes_first(effect: str) -> None:
    """Whatever the effect, the first rules let the model's tunnel pass."""
    extra = {"slow": {"rate": 1}, "lossy": {"share": 1}}.get(effect, {})
    lines = net.rules(net.Settings.model_validate({"effect": effect, **extra}), None, 1)
    first = [line for line in lines.splitlines() if line.startswith("    ip")][:2]
    assert all("127.0.0.1" in line and "4010 accept" in line for line in first)
