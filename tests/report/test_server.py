"""`harness view`: this machine's browser alone gets answers, and a run at work is followed."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from harness.__main__ import main
from harness.history.store import Run
from harness.views.html.gather import Gathered
from harness.views.html.server import SLICE, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    Serving = Callable[[Path], AbstractContextManager[int]]

TRIAL = "/api/trial/task-0%2Block%2Bskilled%2B1"


def ask(
    port: int, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Ask; return (status, headers, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def port(planted: Path, serving: Serving) -> Iterator[int]:
    """Return where the small run is served."""
    with serving(planted) as at:
        yield at


@pytest.mark.parametrize(
    ("method", "headers", "refused"),
    [
        pytest.param("GET", {"host": "127.0.0.1:8000"}, False, id="this machine"),
        pytest.param("GET", {"host": "localhost:9"}, False, id="by its name, through a tunnel"),
        pytest.param("GET", {"host": "[::1]:8000"}, False, id="IPv6"),
        pytest.param("GET", {"host": "evil.example:8000"}, True, id="a rebound name"),
        pytest.param("GET", {"host": "127.0.0.1.evil.example"}, True, id="a longer name"),
        pytest.param("GET", {"host": "localhost@evil.example"}, True, id="a user's name"),
        pytest.param("GET", {}, True, id="no name"),
        pytest.param("POST", {"host": "localhost"}, True, id="nothing can be changed"),
        pytest.param(
            "GET", {"host": "localhost:9", "origin": "http://localhost:9"}, False, id="our own page"
        ),
        pytest.param(
            "GET", {"host": "localhost:9", "origin": "http://localhost:8"}, True, id="a neighbour"
        ),
        pytest.param("GET", {"host": "localhost", "origin": "https://evil.test"}, True, id="them"),
        pytest.param("GET", {"host": "localhost", "origin": "null"}, True, id="a sandboxed frame"),
        pytest.param(
            "GET", {"host": "localhost", "sec-fetch-site": "cross-site"}, True, id="their image"
        ),
        pytest.param(
            "GET",
            {
                "host": "localhost", "sec-fetch-site": "cross-site",
                "sec-fetch-mode": "navigate", "sec-fetch-dest": "document",
            },
            False,
            id="a link that a person followed",
        ),
        pytest.param(
            "GET",
            {
                "host": "localhost", "sec-fetch-site": "cross-site",
                "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe",
            },
            True,
            id="their frame",
        ),
    ],
)  # fmt: skip
def test_who_is_turned_away(method: str, headers: dict[str, str], *, refused: bool) -> None:
    """Answers go to a loopback host, to our own pages, and to nobody else."""
    assert bool(refusal(method, headers)) is refused


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/", {}, 200, id="the page"),
        pytest.param("/api/run", {"Host": "evil.example"}, 403, id="a rebound name"),
        pytest.param("/api/run", {"Origin": "https://evil.example"}, 403, id="another page"),
        pytest.param("/api/trial/nobody", {}, 404, id="no such trial"),
        pytest.param("/api/trial/..%2F..%2Fetc", {}, 404, id="a path that leaves the folder"),
        pytest.param("/api/trial/%2e%2e", {}, 404, id="the folder above"),
        pytest.param(f"{TRIAL}/artifact/..%2Fspec.json", {}, 404, id="no artifact"),
        pytest.param(f"{TRIAL}/artifact/%2Fetc%2Fpasswd", {}, 404, id="an absolute path"),
    ],
)
def test_answers(port: int, path: str, headers: dict[str, str], status: int) -> None:
    """The served addresses answer; whatever the answer, the headers forbid what is not needed."""
    found, sent, _ = ask(port, path, **headers)
    assert found == status
    assert sent["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in sent["content-security-policy"]
    assert "unsafe" not in sent["content-security-policy"]
    assert "access-control-allow-origin" not in sent


def test_the_same_numbers_are_served(port: int, planted: Path) -> None:
    """The served document and pictures are those of the file."""
    assert json.loads(ask(port, "/api/run")[2]) == json.loads(json.dumps(Gathered(planted).page()))
    assert json.loads(ask(port, TRIAL)[2])["trial"] == "task-0+lock+skilled+1"


def test_a_large_output_is_opened_apart(
    plant: Callable[..., Path], trial: Callable[..., Any], serving: Serving, tmp_path: Path
) -> None:
    """The picture holds head and tail; the whole comes as plain text, all at once or in slices."""
    run = plant(tmp_path / "run", [trial()])
    (folder,) = Run.open(run).folders()
    data = b"<script>alert(1)</script>\xff" * 100_000
    name = folder.artifact(data)
    with serving(run) as port:
        path = f"/api/trial/fix-slug%2Block%2Bskilled%2B1/artifact/{name}"
        status, sent, body = ask(port, path)
        assert (status, body, sent["x-total"]) == (200, data, str(len(data)))
        assert sent["content-type"] == "text/plain; charset=utf-8"
        assert ask(port, f"{path}?start=5&size=7")[2] == data[5:12]
        assert len(ask(port, f"{path}?start=0&size={10**9}")[2]) == SLICE
        assert ask(port, f"{path}?start=-1&size=x")[2] == data


def test_a_running_run_is_followed(
    plant: Callable[..., Path], trial: Callable[..., Any], serving: Serving, tmp_path: Path
) -> None:
    """When a trial ends, the stream says that something changed, and the document has it."""
    path = plant(tmp_path / "run", [trial(finished=False)])
    (folder,) = Run.open(path).folders()
    done = Run.open(plant(tmp_path / "other", [trial()])).folders()[0]
    with serving(path) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/api/changes")
        stream = connection.getresponse()
        assert stream.readline() == b": hello\n"
        assert json.loads(ask(port, "/api/run")[2])["trials"] == []
        for name in ("events.jsonl", "verdict.json"):
            (folder.path / name).write_bytes((done.path / name).read_bytes())
        while not stream.readline().startswith(b"data: changed"):
            pass
        page = json.loads(ask(port, "/api/run")[2])
        stream.close()
        connection.close()
    assert [each["outcome"] for each in page["trials"]] == ["recovered"]


def test_it_listens_on_loopback_alone(planted: Path) -> None:
    """The command names its address; no other interface of the machine is listened on."""
    command = [sys.executable, "-m", "harness", "view", str(planted)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().split()[0]
        try:
            port = int(address.rstrip("/").rpartition(":")[2])
            assert wait_for(port) == 200
            assert listeners(port) == {"127.0.0.1"}
        finally:
            process.send_signal(signal.SIGTERM)
    assert address == f"http://127.0.0.1:{port}/"


def wait_for(port: int) -> int:
    """Return the status of the page as soon as it is served."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return ask(port, "/")[0]
        except ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def listeners(port: int) -> set[str]:
    """Return the addresses on which a port is listened on."""
    every = psutil.net_connections("inet")
    listening = [c.laddr for c in every if c.status == "LISTEN" and c.laddr]
    return {address[0] for address in listening if address[1] == port}


@pytest.mark.parametrize(
    "wish",
    [pytest.param("70000", id="no such port"), pytest.param("taken", id="a port that is taken")],
)
def test_a_port_that_cannot_be_had(
    planted: Path, wish: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port that cannot be had is one line and exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1]) if wish == "taken" else wish
        assert main(["view", str(planted), "--port", port]) == 2
    assert f"port {port} cannot be had" in capsys.readouterr().err
