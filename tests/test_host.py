"""The machine: engines are found or started, work is kept apart, and lacks are told kindly."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness.containers import checks, host, packages
from harness.containers.host import Address
from harness.errors import HarnessError

GIB = 1 << 30


@pytest.fixture
def short() -> Iterator[Path]:
    """Yield a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="rh") as folder:
        yield Path(folder)


# --- finding an engine ---------------------------------------------------------------------


def test_docker_host_is_the_only_address_if_it_is_set() -> None:
    """Who names an engine means that one and no other."""
    found = host.addresses({"DOCKER_HOST": "tcp://engine.example:2375"})
    assert [address.url for address in found] == ["tcp://engine.example:2375"]


def test_without_docker_host_the_sockets_that_exist_are_tried(short: Path) -> None:
    """A podman socket in the user's runtime folder counts as an engine's."""
    there = short / "podman" / "podman.sock"
    there.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(there))
        urls = [address.url for address in host.addresses({"XDG_RUNTIME_DIR": str(short)})]
    assert f"unix://{there}" in urls
    assert all(Path(url.removeprefix("unix://")).exists() for url in urls if "unix" in url)


@pytest.mark.parametrize("scheme", ["unix", "http+unix"])
def test_a_socket_listens_or_not(short: Path, scheme: str) -> None:
    """A socket nobody listens on, or that is not there, is no engine's."""
    there = short / "s"
    address = Address(url=f"{scheme}://{there}")
    assert not host.listening(address)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(there))
        assert not host.listening(address)
        server.listen()
        assert host.listening(address)


def test_a_port_listens_or_not() -> None:
    """A closed port is no engine's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = Address(url=f"tcp://127.0.0.1:{server.getsockname()[1]}")
        assert host.listening(address)
    assert not host.listening(address)


def test_no_engine_is_told_with_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error repeats DOCKER_HOST and says what to do, and starting does not ignore it."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    told = r"DOCKER_HOST=unix:///nowhere\.sock(?s:.*)--fix"
    with pytest.raises(HarnessError, match=told):
        host.connect()
    with pytest.raises(HarnessError, match=told):
        host.start(lambda _: None)


# --- starting one --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "program", "kept"),
    [
        pytest.param(str(os.getpid()), psutil.Process().name(), True, id="alive"),
        pytest.param(str(os.getpid()), "dockerd", False, id="taken by another program"),
        pytest.param(str(2**22 + 1), "dockerd", False, id="dead"),
        pytest.param("", "dockerd", True, id="being written"),
    ],
)
def test_a_stale_pid_file_is_removed(
    tmp_path: Path, content: str, program: str, kept: bool
) -> None:
    """A number that belongs to no engine would keep the next one from starting."""
    path = tmp_path / "docker.pid"
    path.write_text(content)
    host.forget(program, path)
    assert kept == path.exists()


START = """
import sys
from harness.containers import host
from harness.errors import HarnessError
try:
    api = host.by_hand(print, *sys.argv[1:])
except HarnessError as error:
    sys.exit(str(error))
print(api.ping())
api.close()
"""


@pytest.fixture
def private(short: Path) -> Iterator[list[str]]:
    """Yield the command that starts an engine which shares nothing with the one in use.

    It stands in a network of its own: an engine takes away the bridge of another.
    """
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("only root starts engines, and only where they are installed")
    yield [
        *("unshare", "--net", "env", f"XDG_CACHE_HOME={short}", f"DOCKER_HOST=unix://{short}/s"),
        *(sys.executable, "-c", START),
        *(f"--host=unix://{short}/s", f"--data-root={short}/data", f"--exec-root={short}/exec"),
        *(f"--pidfile={short}/pid", "--bridge=none", "--iptables=false"),
    ]
    if (short / "pid").exists():
        process = psutil.Process(int((short / "pid").read_text()))
        process.terminate()
        process.wait(30)


@pytest.mark.container
def test_an_engine_is_started_where_nothing_else_starts_it(private: list[str], short: Path) -> None:
    """It brings its own containerd, writes the log we name, and outlives who started it."""
    done = subprocess.run(private, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    pid = int((short / "pid").read_text())
    assert os.getsid(pid) == pid
    log = short / "recovery-harness/dockerd.log"
    assert done.stdout.splitlines() == [f"starting the Docker engine (dockerd, log: {log})", "True"]
    assert "containerd" in log.read_text()


@pytest.mark.container
def test_an_engine_that_does_not_start_shows_its_log(private: list[str]) -> None:
    """The reason is in the error, not only in a file."""
    command = [*private, "--log-level=nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search(r"(?s)dockerd ended with 1;.*nonsense", done.stderr)


# --- programs ------------------------------------------------------------------------------


def test_a_program_that_fails_shows_its_last_lines() -> None:
    """The error holds the command and the end of what it printed, on either stream."""
    with pytest.raises(HarnessError, match=r"(?s)`sh -c .*failed:\nout\nerr$"):
        packages.run("sh", "-c", "echo out; echo err >&2; exit 4")


def test_a_failure_may_be_borne() -> None:
    """Where failing does not matter the output comes back."""
    assert packages.run("sh", "-c", "echo out; exit 4", fatal=False) == "out\n"


def test_who_cannot_install_is_told_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without apt-get or root nothing is tried."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(HarnessError, match="`apt-get install --no-install-recommends a b`"):
        packages.install(["a", "b"], lambda _: None)


# --- the doctor's rows ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "state"),
    [
        pytest.param(checks.protocol("1.41"), "ok", id="the oldest API"),
        pytest.param(checks.protocol("1.50"), "ok", id="a newer API"),
        pytest.param(checks.protocol("1.9"), "missing", id="numbers, not letters, are compared"),
        pytest.param(checks.amount("disk", 3 * GIB, 3 * GIB, "x"), "ok", id="just enough"),
        pytest.param(checks.amount("disk", 3 * GIB - 1, 3 * GIB, "x"), "missing", id="too little"),
        pytest.param(checks.disk(Path("/nowhere/at/all")), "unknown", id="another machine's disk"),
        pytest.param(checks.image("a", "t:1", built=True), "ok", id="built"),
        pytest.param(checks.image("a", "t:1", built=False), "missing", id="not built"),
        pytest.param(checks.image("a", "t:1", built=None), "unknown", id="no engine to ask"),
        pytest.param(checks.confinement({}), "poor", id="no seccomp"),
        pytest.param(checks.program("sh", "x"), "ok", id="a program"),
        pytest.param(checks.program("no-such-program", "x"), "poor", id="no program"),
    ],
)
def test_a_check_has_a_state_and_a_remedy_unless_it_is_ok(check: checks.Check, state: str) -> None:
    """Whatever is not in order says what to do, and what is in order says nothing."""
    assert state == check.state
    assert (state == "ok") == (check.remedy == "") or state == "unknown"


@pytest.mark.parametrize(
    ("kernel", "found"),
    [
        pytest.param("6.18.44-x", "on, with user notification", id="new"),
        pytest.param("5.9.0", "on, with user notification", id="the first"),
        pytest.param("5.4.0-generic", "on, without user notification", id="old"),
        pytest.param("", "on, without user notification", id="unknown"),
    ],
)
def test_user_notification_is_read_from_the_kernels_version(kernel: str, found: str) -> None:
    """Seccomp's user notification came with one kernel."""
    info = {"KernelVersion": kernel, "SecurityOptions": ["name=seccomp,profile=default"]}
    assert checks.confinement(info).found.startswith(found)
