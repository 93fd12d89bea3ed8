"""The machine we run on: its Docker engine, found or started."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import docker
import docker.context
import docker.errors
import docker.utils
import psutil
import requests
import tenacity

from harness import cache_folder
from harness.containers.packages import install, run, tail
from harness.errors import HarnessError

Say = Callable[[str], None]
"""Receives progress, a line a call."""

SOCKET = "/var/run/docker.sock"
PIDS = {
    "dockerd": Path("/var/run/docker.pid"),
    "containerd": Path("/var/run/docker/containerd/containerd.pid"),
}
"""Where the engine and its helper leave their process ids, by the program's name."""

PATIENCE = 5.0
"""How long a connection to an engine elsewhere may take, in seconds."""

START_SECONDS = 60.0
"""How long a started engine may take to answer, in seconds."""

REMEDY = """\
Docker Desktop, Colima, podman: start it
an engine elsewhere: set DOCKER_HOST
as root on Debian or Ubuntu: `harness doctor --fix` installs and starts one"""


# --- the engine ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where an engine may listen."""

    url: str
    tls: docker.tls.TLSConfig | bool = False


def addresses(environment: Mapping[str, str] = os.environ) -> list[Address]:
    """Return where to look for an engine, the likeliest first.

    `DOCKER_HOST` alone if it is set; else Docker's current context and the usual sockets.
    """
    if environment.get("DOCKER_HOST"):
        given = docker.utils.kwargs_from_env(environment=dict(environment))
        return [Address(url=given["base_url"], tls=given.get("tls", False))]
    home, runtime = Path.home(), environment.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    sockets = [
        SOCKET,
        f"{home}/.docker/run/docker.sock",
        f"{home}/.colima/default/docker.sock",
        f"{runtime}/docker.sock",
        f"{runtime}/podman/podman.sock",
        "/run/podman/podman.sock",
    ]
    usual = [Address(url=f"unix://{path}") for path in sockets if Path(path).exists()]
    return [*_context(), *usual]


def _context() -> list[Address]:
    with contextlib.suppress(docker.errors.DockerException, OSError, ValueError):
        context = docker.context.ContextAPI.get_current_context()
        if context is not None and context.name != "default" and context.Host:
            return [Address(url=context.Host, tls=context.TLSConfig or False)]
    return []


def find(timeout: int = 120) -> docker.APIClient | None:
    """Return a connection to the first engine that answers; close it when done.

    `timeout`: seconds that an answer may take once connected.
    """
    for address in filter(listening, addresses()):
        with contextlib.suppress(docker.errors.DockerException, requests.RequestException, OSError):
            found = docker.APIClient(
                base_url=address.url, tls=address.tls, version="auto", timeout=timeout,
                use_ssh_client=address.url.startswith("ssh://"),
            )  # fmt: skip
            # No proxy leads to a socket; looking for one in the environment is a fifth of a call.
            found.trust_env = "unix" not in address.url
            return found
    return None


def listening(address: Address) -> bool:
    """Say whether somebody takes a connection there (over ssh we cannot know without trying)."""
    parts = urlsplit(address.url)
    if parts.scheme == "ssh":
        return True
    try:
        if parts.scheme.endswith("unix"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(parts.path or f"/{parts.netloc}")
        else:
            socket.create_connection((parts.hostname, parts.port or 2375), PATIENCE).close()
    except OSError:
        return False
    return True


def connect(timeout: int = 120) -> docker.APIClient:
    """Return a connection to the engine; close it when done.  Raises HarnessError."""
    found = find(timeout)
    if found is None:
        given = os.environ.get("DOCKER_HOST")
        where = f" at DOCKER_HOST={given}" if given else ""
        raise HarnessError(f"no Docker engine answers{where}.\n{REMEDY}")
    return found


def start(say: Say) -> docker.APIClient:
    """Return a connection to the engine after installing and starting one if need be."""
    with cache_folder.lock("engine", say):
        found = find()
        if found is not None:
            return found
        if os.environ.get("DOCKER_HOST") or os.geteuid() != 0 or not Path("/proc").is_dir():
            return connect()
        if shutil.which("dockerd") is None:
            install(["docker.io"], say)
        return by_service(say) if Path("/run/systemd/system").is_dir() else by_hand(say)


def by_service(say: Say) -> docker.APIClient:
    """Have the service manager start the engine."""
    say("starting the Docker engine (systemctl start docker)")
    run("systemctl", "start", "docker")
    return _answering(lambda: None)


def by_hand(say: Say, *options: str) -> docker.APIClient:
    """Start `dockerd` in a session of its own, where no service manager does it.

    Raises HarnessError with the end of its log if it stops or does not answer.
    """
    for program, path in PIDS.items():
        forget(program, path)
    log = cache_folder.folder() / "dockerd.log"
    say(f"starting the Docker engine (dockerd, log: {log})")
    with log.open("ab") as file:
        start = file.tell()
        process = subprocess.Popen(
            ["dockerd", *options],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def fail_if_over() -> None:
        if process.poll() is not None:
            raise HarnessError(
                f"dockerd ended with {process.returncode}; {log}:\n"
                + tail(log.read_bytes()[start:].decode(errors="replace"))
            )

    engine = _answering(fail_if_over)
    # It is to outlive us: no child of ours any more, and nothing to warn about.
    process.returncode = 0
    return engine


def _answering(look: Callable[[], None]) -> docker.APIClient:
    def probe() -> docker.APIClient | None:
        look()
        return find()

    found = tenacity.Retrying(
        stop=tenacity.stop_after_delay(START_SECONDS),
        wait=tenacity.wait_fixed(0.2),
        retry=tenacity.retry_if_result(lambda found: found is None),
        retry_error_callback=lambda _: None,
    )(probe)
    if found is None:
        raise HarnessError(f"the Docker engine did not answer within {START_SECONDS:.0f} s")
    return found


def forget(program: str, path: Path) -> None:
    """Remove a pid file whose number belongs to another program by now: dockerd would trust it."""
    with contextlib.suppress(OSError, ValueError):
        number = int(path.read_text())
        if not psutil.pid_exists(number) or psutil.Process(number).name() != program:
            path.unlink()
