"""What a trial asks of containers: a port for the agent, one for the harness, one for the engine.

The agent works through `AgentChannel`; the harness looks, and puts things right or wrong, through
`Probes`.  They are apart so that what the harness sees need not rest on anything of the agent's.
"""

from __future__ import annotations

import socket
import tarfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from harness.containers.shell import Result
from harness.containers.shell_protocol import Ending
from harness.containers.stream import Stream
from harness.models.task import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """What a container shall be like.  `name` is for messages; nothing inside shows it."""

    name: str
    user: str = "root"
    network: str = "none"
    """`none`, `bridge`, a network's name, or `container:ID` to share another's.

    `loopback` is `none` without the engine's network set-up, which takes 200 ms of a processor: the
    kernel's loopback, and nothing of the engine's mounted over /etc.
    """
    aliases: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    scratch: str | None = None
    """A folder in memory that all users may write: a file costs a tenth to make, none to remove.

    Only a file transfer, not the engine, can carry files there.
    """


class Launcher(Protocol):
    """Starts a program under the exec filter (`sidecars.exec_filter.Tree` does)."""

    path: str
    """Where the launcher's file stands for a moment."""
    launcher: bytes
    command: tuple[str, ...]
    """The launcher's words, to be followed by the program's."""

    @property
    def wakeup(self) -> socket.socket:
        """Readable when there is something to take."""

    def hold(self, pid: int) -> None:
        """Take over the launcher, which waits."""

    def release(self) -> None:
        """Let it become the program."""


class Program(Protocol):
    """An attached program."""

    @property
    def ended(self) -> bool:
        """Say whether its output has ended."""

    def receive(
        self, seconds: float, wakeups: Sequence[socket.socket] = ()
    ) -> list[tuple[int, bytes]]:
        """Return what it wrote within so many seconds: (1 stdout or 2 stderr, bytes)."""

    def exit_code(self) -> int | None:
        """Return the exit code of a program that has ended; None if it is not known."""

    def close(self) -> None:
        """Let go of it; it runs on."""


class AgentShell(Protocol):
    """The agent's long-lived shell."""

    pid: int
    dead: bool
    last: Ending
    """How the last command ended."""

    def run(
        self,
        command: str,
        *,
        seconds: float,
        tick: Callable[[], None] = ...,
        kill: Callable[[], None] = ...,
    ) -> Result:
        """Run one command and wait for its end, at most so many seconds.

        `tick` is called at least every 20 ms, `kill` ends the command and the shell.
        """

    def close(self) -> None:
        """Let go of it."""


class AgentChannel(Protocol):
    """What the agent works through."""

    def shell(
        self,
        *,
        user: str = ...,
        cwd: str = ...,
        limit: int = ...,
        exec_filter: Launcher | None = None,
    ) -> AgentShell:
        """Open a long-lived bash that keeps `limit` bytes of a command's output."""

    def program(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        user: str,
        cwd: str,
        exec_filter: Launcher | None = None,
    ) -> Program:
        """Start a program, attached."""


class Probes(Protocol):
    """What the harness looks through, and changes things by: unseen, and never as the agent.

    Each raises `SandboxError` when the way into the container fails.
    """

    def ask(
        self,
        script: str,
        *,
        user: str = "root",
        seconds: float = 30.0,
        apart: bool = True,
        again: bool = True,
    ) -> Result:
        """Run a script: `apart` in a subshell, and `again` if the agent killed what ran it."""

    def script(
        self,
        script: str,
        what: str,
        *,
        seconds: float = 60.0,
        apart: bool = True,
        again: bool = True,
    ) -> Result:
        """Run a script that must succeed; `SandboxError` with its last lines if not."""

    def exists(self, path: str) -> bool:
        """Say whether a path exists."""

    def get(self, path: str) -> bytes | None:
        """Return a tar archive of a file or folder; None if it is not there, or too large."""

    def read(self, path: str) -> tuple[bytes, tarfile.TarInfo] | None:
        """Return one regular file's content and its tar header; None if it is not one."""

    def put(self, archive: bytes) -> None:
        """Unpack a tar archive at `/`; its names are paths without the leading slash."""

    def processes(self) -> tuple[int, ...]:
        """Return the ids of the processes that do this: no work of the agent's."""


class Container(Protocol):
    """One running container, as a trial and its fault use it."""

    @property
    def id(self) -> str:
        """Its id with the engine."""

    @property
    def spec(self) -> ContainerSpec:
        """What it was made like."""

    @property
    def agent(self) -> AgentChannel:
        """The agent's way in."""

    @property
    def probes(self) -> Probes:
        """The harness's way in."""

    def first_pid(self) -> int:
        """Return the process id of the first process, as the engine's host counts; 0: none runs."""

    def limits(self) -> Limits:
        """Return the limits that hold now."""

    def limit(self, limits: Limits) -> None:
        """Put other limits in force while it runs."""

    def restart(self) -> None:
        """End every process, and begin anew with the files as they are."""

    def discard(self) -> None:
        """Remove it, processes and all; it is used no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """A helper container outside the sandbox, and the stream to its one process."""

    id: str
    stream: Stream


class ContainerEngine(Protocol):
    """What makes and removes containers; each is gone at the end of its `with`."""

    def version(self) -> str:
        """Return the engine's version."""

    def network(self, name: str) -> AbstractContextManager[str]:
        """Make an internal network (with no route out of it); its id."""

    def container(self, image: str, spec: ContainerSpec) -> AbstractContextManager[Container]:
        """Run a throw-away container."""

    def sidecar(
        self,
        image: str,
        command: list[str],
        *,
        caps: list[str] | None = None,
        pid: str | None = None,
        network: str = "none",
    ) -> AbstractContextManager[Sidecar]:
        """Run a helper, attached."""

    def fetch(self, image: str, path: str) -> bytes | None:
        """Return a tar archive of a path of an image; None if it is not there."""
