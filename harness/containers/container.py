"""One running container of the engine's, with the agent's way in and the harness's."""

from __future__ import annotations

import threading
from functools import partial

import docker

from harness.containers.agent_channel import DockerChannel
from harness.containers.connection import TROUBLE
from harness.containers.ports import ContainerSpec
from harness.containers.probes import Carrier, ShellProbes
from harness.containers.programs import FirstProcess, Programs, until_gone
from harness.containers.stream import Stream
from harness.errors import SandboxError
from harness.models.task import Limits


class DockerContainer:
    """`ports.Container` by the engine.  `first` has the ends of the first process, if we hold them.

    `carrier` carries files; None: the engine does.
    """

    def __init__(
        self,
        api: docker.APIClient,
        container: str,
        spec: ContainerSpec,
        carrier: Carrier | None = None,
        first: Stream | None = None,
    ) -> None:
        self.id = container
        self.spec = spec
        self._api = api
        self._first = FirstProcess(api, container, spec.name, first)
        programs = Programs(api, container, spec.name)
        self.probes = ShellProbes(api, container, programs, self._first, carrier)
        self.agent = DockerChannel(programs, self.probes)
        self._going: threading.Thread | None = None

    def first_pid(self) -> int:
        """Return the process id of the first process, as the engine's host counts; 0: none runs."""
        return self._first.pid()

    def limit(self, limits: Limits) -> None:
        """Give the running container other limits (memory, processes, processors)."""
        where = f"{self._api.base_url}/v{self._api.api_version}/containers/{self.id}/update"
        try:
            answer = self._api.post(where, json=_resources(limits), timeout=self._api.timeout)
        except TROUBLE as error:
            raise SandboxError(f"{self.spec.name}: limits: {error}") from error
        if not answer.ok:
            raise SandboxError(f"{self.spec.name}: limits: {answer.json().get('message')}")

    def limits(self) -> Limits:
        """Return the limits that the engine holds the container to."""
        now = self._first.inspect()["HostConfig"]
        return self.spec.limits.model_copy(
            update={
                "memory": int(now["Memory"]),
                "pids": int(now["PidsLimit"] or 0),
                "cpus": now["NanoCpus"] / 1e9,
            }
        )

    def restart(self) -> None:
        """End every process of the container, and begin anew with its files as they are."""
        self.close()
        try:
            self._api.restart(self.id, timeout=0)
        except TROUBLE as error:
            raise SandboxError(f"{self.spec.name}: restart: {error}") from error

    def discard(self) -> None:
        """Remove the container, processes and all, while others go on; it is used no more."""
        self.close()
        remove = partial(self._api.remove_container, self.id, force=True, v=True)
        self._going = threading.Thread(target=until_gone, args=(remove,), daemon=True)
        self._going.start()

    def wait(self) -> None:
        """Wait until a container that was discarded is gone."""
        if self._going is not None:
            self._going.join()

    def close(self) -> None:
        """Let go of the control shells and of the first process."""
        self.probes.close()
        self._first.close()


def _resources(limits: Limits) -> dict[str, int]:
    """Return limits as the engine's API names them; no swap."""
    return {
        "Memory": limits.memory,
        "MemorySwap": limits.memory,
        "PidsLimit": limits.pids,
        "NanoCpus": int(limits.cpus * 1e9),
    }
