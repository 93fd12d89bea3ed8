"""A service's web server under its operator's rules: what clients meet, counted, and its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from harness.containers.engine import Engine
from harness.containers.ports import Container, ContainerSpec
from harness.injection.mechanisms import web
from harness.injection.mechanisms.base import InjectionTarget
from harness.models.fault import Fault
from harness.models.trigger import Schedule

SERVICE = """
from webhost import Response, serve
serve(lambda request: Response(200, request.path.encode() * 100), names=["localhost"])
"""
ASK = "curl -sS -i -m 5 {options} {url}"
TRUST = "--cacert /etc/webhost/keys/ca.crt"


@pytest.fixture(scope="module")
def host(engine: Engine, images: Mapping[str, str]) -> Iterator[Container]:
    """Return a running service."""
    with engine.container(images["webhost"], ContainerSpec(name="webhost")) as container:
        start = f"cat > /srv/serve.py <<'END'{SERVICE}END\n"
        container.probes.script(
            start + "setsid python3 /srv/serve.py </dev/null >/dev/null 2>&1 &", "start"
        )
        container.probes.script("until ss -ltn | grep -q :8080; do sleep 0.05; done", "ready")
        yield container


def target(
    engine: Engine, host: Container, settings: dict[str, Any], times: int | None = None
) -> InjectionTarget:
    schedule = Schedule() if times is None else Schedule(kind="times", value=times)
    fault = Fault(title="t", category="c", error_type="e", settings=settings, schedule=schedule)
    return InjectionTarget(fault=fault, container=host, user="root", fetch=engine.fetch)


def ask(
    host: Container, path: str = "/a", options: str = "-f", base: str = "http://localhost:8080"
) -> str:
    said = host.probes.ask(ASK.format(options=options, url=base + path))
    return f"{said.exit_code}\n" + (said.stdout + said.stderr).decode(errors="replace")


@pytest.mark.container
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"status": 503, "retry_after": 1}, "error: 503", id="an error"),
        pytest.param({"status": 404, "path": "^/a"}, "error: 404", id="a path is gone"),
        pytest.param({"requests": 0}, "error: 429", id="a limit"),
        pytest.param({"like": "/b"}, "/b/b/b", id="another's content"),
        pytest.param({"cut": 10}, "curl: (18)", id="cut"),
        pytest.param({"garble": 3}, "/a/t/a", id="a byte is another"),
    ],
)
def test_a_rule(engine: Engine, host: Container, settings: dict[str, Any], words: str) -> None:
    """A request meets the rule until it is taken away; it is counted, and can come again."""
    here = target(engine, host, settings)
    assert web.available(here) is None
    for _ in range(2):
        assert web.present(here) is False
        facts = web.inject(here)
        assert (web.present(here), web.counted(here)) == (True, 0)
        assert words in ask(host)
        assert web.counted(here) == 1
        web.heal(here, facts)
        assert web.present(here) is False
        assert ask(host).startswith("0\n")
        assert ask(host).endswith("/a" * 100)


@pytest.mark.container
def test_only_what_it_names(engine: Engine, host: Container) -> None:
    """Other paths and methods pass; after `times` requests all do."""
    here = target(engine, host, {"status": 503, "path": "^/a", "method": "PUT"}, times=2)
    facts = web.inject(here)
    codes = [ask(host, *words)[:2].strip() for words in (
        ("/a",), ("/b", "-f -X PUT"), ("/a", "-f -X PUT"), ("/a", "-f -X PUT"), ("/a", "-f -X PUT"),
    )]  # fmt: skip
    assert codes == ["0", "0", "22", "22", "0"]
    assert (web.counted(here), web.present(here)) == (2, False)
    web.heal(here, facts)


@pytest.mark.container
@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("expired", "certificate has expired", id="expired"),
        pytest.param("unknown", "unable to get local issuer", id="of an unknown authority"),
        pytest.param("stranger", "subject name", id="another's"),
    ],
)
def test_a_certificate(engine: Engine, host: Container, name: str, words: str) -> None:
    """HTTPS shows another certificate; who does not mind can be told something else."""
    here, base = (
        target(engine, host, {"certificate": name, "status": 421}),
        "https://localhost:8443",
    )
    assert ask(host, "/a", f"-f {TRUST}", base).startswith("0\n")
    facts = web.inject(here)
    assert words in ask(host, "/a", f"-f {TRUST}", base)
    assert "421" in ask(host, "/a", "-f -k", base)
    assert ask(host).startswith("0\n")
    web.heal(here, facts)
    assert ask(host, "/a", f"-f {TRUST}", base).startswith("0\n")


@pytest.mark.container
def test_no_proxy(host: Container) -> None:
    """A client that takes the server for a proxy is asked for an unknown password."""
    proxy = "-f -x http://localhost:8080 --noproxy ''"
    assert "error: 407" in ask(host, "/a", proxy, "http://127.0.0.1:8080")
    assert "407 Proxy Authentication Required" in ask(host, "/a", proxy, "https://localhost:8443")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"status": 503, "cut": 3}, id="two at once"),
        pytest.param({"status": 200}, id="no error"),
        pytest.param({"certificate": "fine"}, id="no such certificate"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    """Settings that make no rule are told before anything runs."""
    with pytest.raises(ValidationError):
        web.Settings.model_validate(settings)
