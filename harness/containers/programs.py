"""What the engine starts in a running container: its first process, and programs beside that."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import docker
import docker.errors

from harness.containers.connection import TROUBLE
from harness.containers.shell import Shell
from harness.containers.stream import Deadline, Stream
from harness.errors import SandboxError

BASH = ("/bin/bash", "--noprofile", "--norc")
"""The first process, too: root's control shell, which reaps orphans.  No signal from within can end
it, so that an agent's `kill -9 -1` or `pkill bash` ends the agent's processes and not the sandbox.
Its input ends with the harness, and so does the sandbox then."""

GOING_SECONDS = 20.0
"""How long the engine may take to remove something."""

START_SECONDS = 10.0
"""How long the engine may take to start a program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An attached program of a container."""

    stream: Stream
    state: Callable[[], tuple[bool, int | None]]
    """Return (does it run, its exit code or None)."""
    pid: Callable[[], int]
    """Return its process id, as the engine's host counts; 0 while it does not run."""

    @property
    def ended(self) -> bool:
        """Say whether its output has ended."""
        return self.stream.ended

    def receive(
        self, seconds: float, wakeups: Sequence[socket.socket] = ()
    ) -> list[tuple[int, bytes]]:
        """Return what it wrote: see `Stream.receive`."""
        return self.stream.receive(seconds, wakeups)

    def exit_code(self) -> int | None:
        """Return the exit code of a program that has ended; None if it is not known."""
        return self.state()[1]

    def close(self) -> None:
        """Let go of it; it runs on."""
        self.stream.close()


class Programs:
    """Starts programs in one container; `name` is for messages."""

    def __init__(self, api: docker.APIClient, container: str, name: str) -> None:
        self._api, self._container, self.name = api, container, name

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        user: str,
        cwd: str,
        stdin: bool = False,
    ) -> Program:
        """Start a program, attached."""
        try:
            made = self._api.exec_create(
                self._container, list(command), stdin=stdin, user=user, workdir=cwd, tty=False,
                environment=dict(env),
            )["Id"]  # fmt: skip
            stream = Stream(self._api.exec_start(made, socket=True))
        except TROUBLE as error:
            raise SandboxError(f"{self.name}: {command[0]}: {error}") from error
        return Program(
            stream=stream, state=partial(self._state, made), pid=partial(self._pid, made)
        )

    def _pid(self, made: str) -> int:
        return int(self._api.exec_inspect(made)["Pid"])

    def _state(self, made: str) -> tuple[bool, int | None]:
        # The engine may say for a moment that a program neither runs nor has an exit code.
        deadline = Deadline(1.0)
        while True:
            state = self._api.exec_inspect(made)
            if state["ExitCode"] is not None or state["Running"]:
                return bool(state["Running"]), state["ExitCode"]
            if deadline.passed():
                return False, None
            time.sleep(0.005)


class FirstProcess:
    """A container's first process.  `stream` has its two ends, where we hold them."""

    def __init__(
        self, api: docker.APIClient, container: str, name: str, stream: Stream | None
    ) -> None:
        self._api, self._container, self._name = api, container, name
        self._known: int | None = None
        self.shell = Shell(stream, alive=self._state) if stream is not None else None
        """Its shell; None where nothing of ours holds its ends."""

    def pid(self) -> int:
        """Return its process id, as the engine's host counts; 0: none runs.

        What was asked once is good as long as we hold its ends.
        """
        if self._known is None or self.shell is None or self.shell.gone():
            self._known = int(self.inspect()["State"]["Pid"])
        return self._known

    def _state(self) -> tuple[bool, int | None]:
        state = self.inspect()["State"]
        return bool(state["Running"]), None if state["Running"] else int(state["ExitCode"])

    def inspect(self) -> dict[str, Any]:
        """Return what the engine says about the container."""
        try:
            return dict(self._api.inspect_container(self._container))
        except TROUBLE as error:
            raise SandboxError(f"{self._name}: {error}") from error

    def close(self) -> None:
        """Let go of its ends."""
        if self.shell is not None:
            self.shell.close()
        self.shell = self._known = None


def until_gone(remove: Callable[[], Any]) -> None:
    """Remove something that may be gone, or going, or still busy; wait until it is gone."""
    deadline = Deadline(GOING_SECONDS)
    while True:
        try:
            remove()
        except docker.errors.NotFound:
            return
        except TROUBLE:
            if deadline.passed():
                return  # it has our label: the reaper finds it
            time.sleep(0.05)
        else:
            return
