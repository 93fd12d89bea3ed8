"""The engine is found as every Docker program finds it, and its absence is told with a remedy."""

from __future__ import annotations

import hashlib
import json
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.containers import connection
from harness.errors import HarnessError

NAMES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return Docker's settings of a user with two contexts, `near` and `far`."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    for name in ("near", "far"):
        meta = tmp_path / "contexts/meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
        meta.parent.mkdir(parents=True)
        endpoint = {"Host": f"unix:///run/{name}.sock", "SkipTLSVerify": False}
        meta.write_text(
            json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}})
        )
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "current", "url"),
    [
        pytest.param({}, None, "/var/run/docker.sock", id="the usual socket"),
        pytest.param({}, "near", "unix:///run/near.sock", id="the current context"),
        pytest.param({"DOCKER_CONTEXT": "far"}, "near", "unix:///run/far.sock", id="a named one"),
        pytest.param(
            {"DOCKER_HOST": "tcp://engine.example:2375", "DOCKER_CONTEXT": "far"},
            "near",
            "tcp://engine.example:2375",
            id="a host before all contexts",
        ),
    ],
)
def test_an_engine_is_where_docker_programs_look(
    folder: Path, environment: Mapping[str, str], current: str | None, url: str
) -> None:
    """DOCKER_HOST says where it is, else the context that is named or in use, else it is local."""
    (folder / "config.json").write_text(json.dumps({"currentContext": current} if current else {}))
    found = connection.address({"HOME": "/", **environment})
    assert found["base_url"].endswith(url)


@pytest.mark.usefixtures("folder")
def test_a_context_that_is_not_there_is_told() -> None:
    """A misspelt context is no reason to talk to another engine."""
    with pytest.raises(HarnessError, match="`docker context ls`"):
        connection.address({"DOCKER_CONTEXT": "fra"})


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("there", [False, True], ids=["no socket", "a socket without a listener"])
def test_no_engine_is_told_with_its_address_and_a_remedy(
    monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """The error says where was asked, and what to do."""
    with tempfile.TemporaryDirectory(prefix="rh") as short, socket.socket(socket.AF_UNIX) as server:
        if there:
            server.bind(f"{short}/s")
        monkeypatch.setenv("DOCKER_HOST", f"unix://{short}/s")
        assert connection.find() is None
        with pytest.raises(HarnessError, match=rf"at unix://{short}/s(?s:.*)DOCKER_HOST"):
            connection.connect()


@pytest.mark.parametrize("scheme", ["unix", "http+unix"])
def test_a_socket_listens_or_not(scheme: str) -> None:
    """A socket without a listener, or that is not there, is no engine's."""
    with tempfile.TemporaryDirectory(prefix="rh") as short, socket.socket(socket.AF_UNIX) as server:
        url = f"{scheme}://{short}/s"
        assert not connection.listening(url)
        server.bind(f"{short}/s")
        assert not connection.listening(url)
        server.listen()
        assert connection.listening(url)


def test_a_port_listens_or_not() -> None:
    """A closed port is no engine's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert connection.listening(url)
    assert not connection.listening(url)
