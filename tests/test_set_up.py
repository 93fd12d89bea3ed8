"""Set-up: the scripts that bring what `make demo` and `make test` need, and say what they do."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness.containers.images.bases import stand_in

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "scripts"


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it printed."""
    env = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def call(script: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Call a function of a script, with arguments, without running the script."""
    return run("bash", "-c", f'. {SCRIPTS / script}; "$@"', "bash", *words)


# --- packages ------------------------------------------------------------------------------


def test_without_apt_the_command_is_named(tmp_path: Path) -> None:
    """Where packages cannot be installed nothing is tried, and the user reads which ones lack."""
    for name in ("bash", "id"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    done = run(SCRIPTS / "packages", "a", "b", PATH=str(tmp_path))
    assert done.returncode == 3
    assert "`apt-get install --no-install-recommends a b`" in done.stderr


# --- the engine ----------------------------------------------------------------------------


def test_a_named_engine_is_the_only_one() -> None:
    """Where DOCKER_HOST is set and nothing answers there, no other engine is started."""
    done = run(SCRIPTS / "engine", DOCKER_HOST="unix:///nowhere.sock")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no Docker engine answers" in done.stderr
    assert "DOCKER_HOST" in done.stderr


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
    assert call("engine", "forget", program, path).returncode == 0
    assert kept == path.exists()


APART = """
mount -t tmpfs none /run
for name in lib/docker log; do mkdir -p $0/$name; mount --bind $0/$name /var/$name; done
if [ -s $0/daemon.json ]; then mkdir -p /etc/docker; mount -t tmpfs none /etc/docker
    cp $0/daemon.json /etc/docker; fi
scripts/engine; code=$?
cp /run/docker.pid $0/pid 2>/dev/null && docker version --format '{{.Server.Version}}'
exit $code
"""
"""Runs the script in a world where /run, the engine's data and its log belong to the test alone."""


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield a folder for the data of an engine, which ends with the test."""
    if os.geteuid() != 0 or shutil.which("dockerd") is None or Path("/run/systemd/system").is_dir():
        pytest.skip("only root starts engines by hand, where they are installed and no service is")
    with tempfile.TemporaryDirectory(prefix="rh") as folder:
        yield Path(folder)
        with_pid = Path(folder, "pid")
        if with_pid.exists():
            process = psutil.Process(int(with_pid.read_text()))
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def start_apart(place: Path) -> subprocess.CompletedProcess[str]:
    """Run the script apart from the engine in use, whose bridge another would take away."""
    environment = {"DOCKER_HOST": "", "DOCKER_CONTEXT": "default"}
    return run("unshare", "--net", "--mount", "bash", "-c", APART, place, **environment)


@pytest.mark.container
def test_an_engine_is_started_where_nothing_else_starts_it(place: Path) -> None:
    """It brings its own containerd, writes the log that is named, and outlives the script."""
    done = start_apart(place)
    assert (done.returncode, done.stderr) == (0, "")
    told, version = done.stdout.splitlines()
    assert told == "set-up: starting the Docker engine (dockerd, log: /var/log/dockerd.log)"
    assert re.match(r"\d+\.", version)
    pid = int((place / "pid").read_text())
    assert os.getsid(pid) == pid
    assert "containerd" in (place / "log/dockerd.log").read_text()


@pytest.mark.container
def test_an_engine_that_does_not_start_shows_its_log(place: Path) -> None:
    """The reason is in the error, not only in a file."""
    (place / "daemon.json").write_text('{"log-level": "nonsense"}')
    done = start_apart(place)
    assert done.returncode == 3
    assert re.search(r"(?s)dockerd ended;.*nonsense", done.stderr)


@pytest.mark.container
def test_an_engine_that_answers_is_left_alone() -> None:
    """The second time there is nothing to do and nothing to say."""
    done = run(SCRIPTS / "engine")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# --- the base image ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "suite"),
    [
        pytest.param("debian:bookworm-slim", "bookworm", id="slim"),
        pytest.param("debian:bookworm", "bookworm", id="plain"),
        pytest.param("debian:12-slim", "bookworm", id="by number"),
        pytest.param("docker.io/library/debian:13", "trixie", id="in full"),
        pytest.param("ubuntu:24.04", "", id="another distribution"),
        pytest.param("python:3.12-bookworm", "", id="built on Debian"),
        pytest.param("debian", "", id="no tag"),
        pytest.param("registry.example/debian:bookworm", "", id="another registry"),
    ],
)
def test_only_official_debian_images_are_bootstrapped(name: str, suite: str) -> None:
    """A suite is known from an official Debian image's name, and from no other."""
    assert suite == call("base-image", "suite", name).stdout.strip()


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        pytest.param("etc/passwd", True, id="the system"),
        pytest.param("etc/apt/sources.list.d", True, id="the folder of sources"),
        pytest.param("etc/apt/apt.conf.d/99mmdebstrap", False, id="the maker's options"),
        pytest.param("etc/apt/apt.conf.d/70debconf", True, id="a package's options"),
        pytest.param("etc/dpkg/dpkg.cfg.d/99mmdebstrap", False, id="the maker's name"),
        pytest.param("etc/dpkg/dpkg.cfg.d/slim", True, id="what stays out of later packages"),
        pytest.param("etc/resolv.conf", False, id="the maker's name server"),
        pytest.param("etc/machine-id", False, id="the maker's machine"),
        pytest.param("var/log/dpkg.log", False, id="a log"),
        pytest.param("var/log", True, id="the folder of logs"),
    ],
)
def test_a_bootstrapped_base_keeps_no_trace_of_its_making(
    tmp_path: Path, path: str, kept: bool
) -> None:
    """What the maker and this host left goes; the distribution's own files stay."""
    for name in (path, "etc/apt/apt.conf.d/x", "etc/dpkg/dpkg.cfg.d/99mmdebstrap", "var/log/x"):
        if not name.endswith(("/slim", "/log")):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
    assert call("base-image", "eval", f'bash -euc "$neutral" - {tmp_path}').returncode == 0
    assert kept == (tmp_path / path).exists()


BASE = "debian:bookworm-slim"


@pytest.fixture(scope="module")
def made() -> str:
    """Return the name of a bootstrapped base, which is made if the official one has been pulled."""
    name = stand_in(BASE)
    if run("docker", "image", "inspect", name).returncode:
        done = run(SCRIPTS / "base-image", "--bootstrap", BASE)
        assert done.returncode == 0, done.stderr
    return name


@pytest.mark.container
def test_a_bootstrapped_base_is_small_and_neutral(made: str) -> None:
    """No manuals, no lists of packages; licences stay, and sources where no mirror is known."""
    found = run(
        *("docker", "run", "--rm", "--network=none", made),
        *("find", "/etc", "/usr/share", "/var", "-xdev", "-not", "-type", "d"),
    ).stdout.splitlines()
    assert {"/etc/passwd", "/usr/share/doc/bash/copyright"} <= set(found)
    gone = (
        r"/usr/share/(man|info|locale)/.*[^r]$|/usr/share/doc/.*/README|.*_Packages|.*99mmdebstrap"
    )
    assert [] == [path for path in found if re.fullmatch(gone, path)]
    known = bool(call("base-image", "repository", "Debian").stdout.strip())
    assert known != ("/etc/apt/sources.list" in found)


@pytest.mark.container
@pytest.mark.usefixtures("made")
def test_a_base_that_is_there_is_left_alone() -> None:
    """The second time there is nothing to do and nothing to say."""
    done = run(SCRIPTS / "base-image", BASE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.container
def test_a_base_that_cannot_be_had_is_told_with_a_remedy() -> None:
    """An image that is neither here nor pulled nor Debian's says how to bring it."""
    done = run(SCRIPTS / "base-image", "nowhere.invalid/x:1")
    assert done.returncode == 3
    assert "`docker pull nowhere.invalid/x:1`" in done.stderr
    assert stand_in("nowhere.invalid/x:1") in done.stderr
