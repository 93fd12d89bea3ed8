"""Containers, networks and helpers made and removed through the Docker API.

Nothing outside this package knows Docker.

Every container and network carries the labels `harness.run`, `harness.trial` and
`harness.owner` (host, pid, start time), by which the reaper finds what a killed run left.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Self

from docker.types import LogConfig
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from harness.containers import connection
from harness.containers.connection import TROUBLE
from harness.containers.container import DockerContainer
from harness.containers.ports import ContainerSpec, Sidecar
from harness.containers.probes import Carrier
from harness.containers.programs import BASH, until_gone
from harness.containers.stream import Stream
from harness.errors import SandboxError
from harness.history.owner import alive, myself

CAPABILITIES = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETGID",
    "SETUID",
    "SYS_CHROOT",
)
"""All that a sandbox keeps; never SYS_ADMIN, SYS_TIME, NET_ADMIN."""

NAMED = r"""[ -s /etc/hosts ] ||
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' > /etc/hosts"""
"""Names the loopback where the engine has not."""

UNLOGGED = LogConfig(type="none")
"""What goes through a first process is for us; the engine would write it all on its disk."""

IPV4 = {"net.ipv6.conf.all.disable_ipv6": "1"}
"""As the engine sets up a network without IPv6: a server that is to listen on `localhost` fails
where 127.0.0.1 is taken, and does not put up with ::1."""

_again = retry(
    retry=retry_if_exception_type(TROUBLE),
    stop=stop_after_attempt(3),
    wait=wait_exponential(multiplier=0.2, max=2),
    reraise=True,
)


class Engine:
    """One connection to the Docker engine; close it when done (it is a context manager).

    `carrier` carries files in and out of running containers; None: the engine's own API.
    """

    def __init__(
        self, labels: Mapping[str, str] | None = None, carrier: Carrier | None = None
    ) -> None:
        self.labels = {"harness.owner": json.dumps(myself()), **(labels or {})}
        self.api = connection.connect()
        self._carrier = carrier

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.api.close()

    def version(self) -> str:
        """Return the engine's version."""
        return str(self.api.version()["Version"])

    # --- networks -------------------------------------------------------------------------

    @contextlib.contextmanager
    def network(self, name: str) -> Iterator[str]:
        """Make an internal network (with no route out of it) for the length of a `with`."""
        try:
            made = _again(self.api.create_network)(
                name, driver="bridge", internal=True, labels=self.labels, check_duplicate=True
            )
        except TROUBLE as error:
            raise SandboxError(f"network {name}: {error}") from error
        try:
            yield made["Id"]
        finally:
            until_gone(lambda: self.api.remove_network(made["Id"]))

    # --- containers -----------------------------------------------------------------------

    @contextlib.contextmanager
    def container(self, image: str, spec: ContainerSpec) -> Iterator[DockerContainer]:
        """Run a throw-away container for the length of a `with`."""
        created = self._create(image, spec)
        try:
            try:
                stream = self._attached(created)
                self.api.start(created)
            except TROUBLE as error:
                raise SandboxError(f"{spec.name}: {error}") from error
            with contextlib.closing(
                DockerContainer(self.api, created, spec, self._carrier, stream)
            ) as container:
                try:
                    container.probes.script(NAMED, "hosts", apart=False)
                    yield container
                finally:
                    container.wait()
        finally:
            self._remove(created)

    def _attached(self, container: str) -> Stream:
        """Hold both ends of what will be a container's first process."""
        asked = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        return Stream(self.api.attach_socket(container, params=asked))

    def _create(self, image: str, spec: ContainerSpec) -> str:
        loopback = spec.network == "loopback"
        host = self.api.create_host_config(
            network_mode="none" if loopback else spec.network,
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES),
            security_opt=["no-new-privileges"],
            mem_limit=spec.limits.memory,
            memswap_limit=spec.limits.memory,
            pids_limit=spec.limits.pids,
            nano_cpus=int(spec.limits.cpus * 1e9),
            log_config=UNLOGGED,
            sysctls=IPV4 if loopback else None,
            tmpfs={spec.scratch: "exec,mode=1777"} if spec.scratch else None,
        )
        joined = None
        if spec.aliases:
            joined = self.api.create_networking_config(
                {spec.network: self.api.create_endpoint_config(aliases=list(spec.aliases))}  # type: ignore[arg-type]
            )
        try:
            return str(
                _again(self.api.create_container)(
                    image,
                    command=list(BASH),
                    entrypoint=[],
                    stdin_open=True,
                    host_config=host,
                    network_disabled=loopback,
                    networking_config=joined,
                    labels=self.labels,
                    user="root",
                    working_dir="/",
                    use_config_proxy=False,  # nothing of the host's enters
                )["Id"]
            )
        except TROUBLE as error:
            raise SandboxError(f"{spec.name}: {error}") from error

    @contextlib.contextmanager
    def sidecar(
        self,
        image: str,
        command: list[str],
        *,
        caps: list[str] | None = None,
        pid: str | None = None,
        network: str = "none",
    ) -> Iterator[Sidecar]:
        """Run a helper, attached, for the length of a `with`.

        `pid`: `host` to see all processes of the engine's host; `network`: as in a `ContainerSpec`.
        """
        mounts = "SYS_ADMIN" in (caps or ())  # which AppArmor's profile for containers forbids
        host_config = self.api.create_host_config(
            pid_mode=pid, network_mode=network, cap_drop=["ALL"], cap_add=caps, read_only=True,
            security_opt=["apparmor=unconfined"] if mounts else None, log_config=UNLOGGED,
        )  # fmt: skip
        try:
            made = str(
                _again(self.api.create_container)(
                    image, command=command, entrypoint=[], stdin_open=True, user="root",
                    host_config=host_config, labels=self.labels,
                )["Id"]
            )  # fmt: skip
        except TROUBLE as error:
            raise SandboxError(f"sidecar {image}: {error}") from error
        try:
            with contextlib.closing(self._attached(made)) as stream:
                self.api.start(made)
                yield Sidecar(id=made, stream=stream)
        except TROUBLE as error:
            raise SandboxError(f"sidecar {image}: {error}") from error
        finally:
            self._remove(made)

    def _remove(self, container: str) -> None:
        until_gone(partial(self.api.remove_container, container, force=True, v=True))

    def fetch(self, image: str, path: str) -> bytes | None:
        """Return a tar archive of a path of an image (no process runs); None if not there."""
        key = (image, path)
        if key not in _fetched:
            made = self._create(image, ContainerSpec(name=image))
            try:
                found = DockerContainer(self.api, made, ContainerSpec(name=image)).probes.get(path)
            finally:
                self._remove(made)
            if found is None:
                return None
            _fetched[key] = found
        return _fetched[key]

    def reap(self, *, everything: bool = False, run: str | None = None) -> list[str]:
        """Remove labelled containers and networks whose owner is dead; return their names.

        `run` narrows to one run's label; `everything` takes those of living owners too.
        """
        wanted = {"label": "harness.owner" if run is None else f"harness.run={run}"}
        gone = []
        for found in self.api.containers(all=True, filters=wanted):
            if everything or _orphaned(found["Labels"]):
                self._remove(found["Id"])
                gone.append("container " + found["Names"][0].lstrip("/"))
        for found in self.api.networks(filters=wanted):
            if everything or _orphaned(found["Labels"] or {}):
                until_gone(partial(self.api.remove_network, found["Id"]))
                gone.append("network " + found["Name"])
        return gone


_fetched: dict[tuple[str, str], bytes] = {}
"""What was read out of images: an image's content never changes under its digest."""


def _orphaned(labels: Mapping[str, str]) -> bool:
    """Say whether the process that made something is known to be dead."""
    try:
        return alive(json.loads(labels["harness.owner"])) is False
    except (KeyError, ValueError, TypeError):
        return True
