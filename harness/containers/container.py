"""One running container: shells and programs in it, files in and out of it."""

from __future__ import annotations

import contextlib
import posixpath
import secrets
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import docker
import docker.errors
import requests.exceptions

from harness.containers.archive import only_file, tarball
from harness.containers.process_scripts import FIRST, end_session
from harness.containers.shell import Result, Shell, quoted
from harness.containers.stream import Deadline, Stream
from harness.errors import SandboxError
from harness.models.nouns import Limits

BASH = ("/bin/bash", "--noprofile", "--norc")
"""The first process, too: root's control shell, which reaps orphans.  No signal from within can end
it, so that an agent's `kill -9 -1` or `pkill bash` ends the agent's processes and not the sandbox.
Its input ends with the harness, and so does the sandbox then."""

GOING_SECONDS = 20.0
"""How long the engine may take to remove something."""

LARGEST = 1 << 28
"""bytes: the largest archive that is read out of a container"""

TROUBLE = (docker.errors.DockerException, requests.exceptions.RequestException)
"""What the SDK raises when the engine, or the way to it, fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """What a container shall be like.  `name` is for messages; nothing inside shows it."""

    name: str
    user: str = "root"
    network: str = "none"
    """`none`, `bridge`, a network's name, or `container:ID` to share another's.

    `alone` is `none` without the engine's network set-up, which takes 200 ms of a processor: the
    kernel's loopback, and nothing of the engine's mounted over /etc.
    """
    aliases: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    scratch: str | None = None
    """A folder in memory for everybody: to make a file there costs a tenth, to remove it nothing.

    Only a porter, not the engine, can carry files there.
    """


class Gate(Protocol):
    """What a box asks of the command gate (`harness.containers.sidecars.exec_filter.Tree`)."""

    path: str
    """Where the launcher's file stands for a moment."""
    launcher: bytes
    command: tuple[str, ...]
    """The launcher's words, to be followed by the program's."""

    @property
    def wakeup(self) -> socket.socket: ...  # noqa: D102
    def hold(self, pid: int) -> None: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


class Carrier(Protocol):
    """Carries files between us and running containers (a `file_transfer.FileTransfer` does)."""

    def get(self, pid: int, path: str, limit: int) -> bytes | None: ...  # noqa: D102
    def put(self, pid: int, archive: bytes) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An attached program of a box."""

    stream: Stream
    state: Callable[[], tuple[bool, int | None]]
    """Return (does it run, its exit code or None)."""

    def exit_code(self) -> int | None:
        """Return the exit code of a program that has ended; None if it is not known."""
        return self.state()[1]


class Container:
    """One running container: shells into it, files in and out of it."""

    def __init__(
        self,
        api: docker.APIClient,
        container: str,
        container_spec: ContainerSpec,
        porter: Carrier | None = None,
        first: Stream | None = None,
    ) -> None:
        self.id = container
        self.container_spec = container_spec
        self._api = api
        self._file_transfer = porter
        self._first = Shell(first, alive=self._alive) if first is not None else None
        """The first process; None where nobody holds its ends."""
        self._pid: int | None = None
        """The first process, as the engine's host counts; good as long as we hold its ends."""
        self._controls: dict[str, Shell] = {}
        self._going: threading.Thread | None = None

    def shell(
        self,
        *,
        user: str = "root",
        cwd: str = "/",
        limit: int = 1 << 20,
        exec_filter: Gate | None = None,
    ) -> Shell:
        """Open a long-lived bash as `user` in `cwd`; through the command gate if one is given."""
        opened = self.program(BASH, env={}, user=user, cwd=cwd, exec_filter=exec_filter, stdin=True)
        wakeups = [exec_filter.wakeup] if exec_filter is not None else []
        try:
            return Shell(opened.stream, alive=opened.state, limit=limit, wakeups=wakeups)
        except SandboxError:
            opened.stream.close()
            raise

    def program(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        user: str,
        cwd: str,
        exec_filter: Gate | None = None,
        stdin: bool = False,
    ) -> Program:
        """Start a program in the box, attached; through the command gate if one is given."""
        if exec_filter is not None:
            self.put(tarball({exec_filter.path: (exec_filter.launcher, 0o755)}))
            command = [*exec_filter.command, *command]
        try:
            made = self._api.exec_create(
                self.id, list(command), stdin=stdin, user=user, workdir=cwd, tty=False,
                environment=dict(env),
            )["Id"]  # fmt: skip
            stream = Stream(self._api.exec_start(made, socket=True))
        except TROUBLE as error:
            raise SandboxError(f"{self.container_spec.name}: {command[0]}: {error}") from error
        try:
            if exec_filter is not None:
                self._through(exec_filter, made)
        except SandboxError:
            stream.close()
            raise
        return Program(stream=stream, state=lambda: self._running(made))

    def _through(self, exec_filter: Gate, made: str) -> None:
        """Hand a launcher that waits over to the gate; its file is gone before the shell begins."""
        deadline = Deadline(10)
        while not (pid := self._api.exec_inspect(made)["Pid"]):
            if deadline.passed():
                raise SandboxError(f"{self.container_spec.name}: the launcher does not start")
            time.sleep(0.02)
        exec_filter.hold(pid)
        self.ask(f"rm -f {exec_filter.path}")
        exec_filter.release()

    def _running(self, made: str) -> tuple[bool, int | None]:
        deadline = Deadline(1.0)
        while True:
            state = self._api.exec_inspect(made)
            if state["ExitCode"] is not None or state["Running"]:
                return bool(state["Running"]), state["ExitCode"]
            if deadline.passed():
                return False, None
            time.sleep(0.005)

    def ask(
        self,
        script: str,
        *,
        user: str = "root",
        seconds: float = 30.0,
        apart: bool = True,
        again: bool = True,
    ) -> Result:
        """Run a script out of band, in a subshell of a long-lived control shell.

        The script is fed through standard input: no argument list in `/proc` ever shows it.  One
        of builtins only needs no subshell (`apart` False), and so no process id.  The agent may
        kill the shell at any time: a script that it does not seem to have begun is run by the next
        (`again`).
        """
        begun = secrets.token_hex(12).encode() + b"\n"
        text = f"(cd /\n{script}\n)" if apart else script
        text = f"echo {begun.decode().strip()} >&2; {text}"
        for _ in range(3 if again else 1):
            control = self._control(user)
            result = control.run(text, seconds=seconds)
            if result.timed_out or result.died:
                self._drop(user)
            if result.timed_out:
                self.ask(end_session(control.pid, before=None), apart=False)
            if begun in result.stderr or not result.died:
                break
        return _without(begun, result)

    def exists(self, path: str) -> bool:
        """Say whether a path exists: asked of a builtin, so that no process shows."""
        return self.ask(f"[ -e {quoted([path])} ]", seconds=5, apart=False).exit_code == 0

    def _control(self, user: str) -> Shell:
        """Return the user's control shell, a new one if the agent has killed it."""
        if user in self._controls and self._controls[user].gone():
            self._drop(user)
        if user not in self._controls:
            first = self._first
            if user == "root" and first is not None and not first.gone():
                self._controls[user] = first
            else:
                self._controls[user] = self.shell(user=user)
        return self._controls[user]

    def _drop(self, user: str) -> None:
        """Use a control shell no more; the first process is kept, for with it ends the sandbox."""
        control = self._controls.pop(user)
        if control is not self._first:
            control.close()

    def _alive(self) -> tuple[bool, int | None]:
        """Return (does the first process run, its exit code or None)."""
        state = self._inspected()["State"]
        return bool(state["Running"]), None if state["Running"] else int(state["ExitCode"])

    def controls(self) -> tuple[int, ...]:
        """Return the process ids of the control shells (they are no work of the agent's)."""
        return (FIRST, *(shell.pid for shell in self._controls.values() if shell.pid != FIRST))

    def first_pid(self) -> int:
        """Return the process id of the first process, as the engine's host counts; 0: none runs."""
        if self._pid is None or self._first is None or self._first.gone():
            self._pid = int(self._inspected()["State"]["Pid"])
        return self._pid

    def limit(self, limits: Limits) -> None:
        """Give the running container other limits (memory, processes, processors)."""
        where = f"{self._api.base_url}/v{self._api.api_version}/containers/{self.id}/update"
        try:
            answer = self._api.post(where, json=_resources(limits), timeout=self._api.timeout)
        except TROUBLE as error:
            raise SandboxError(f"{self.container_spec.name}: limits: {error}") from error
        if not answer.ok:
            raise SandboxError(
                f"{self.container_spec.name}: limits: {answer.json().get('message')}"
            )

    def limited(self) -> Limits:
        """Return the limits that the engine holds the container to."""
        now = self._inspected()["HostConfig"]
        return self.container_spec.limits.model_copy(
            update={
                "memory": int(now["Memory"]),
                "pids": int(now["PidsLimit"] or 0),
                "cpus": now["NanoCpus"] / 1e9,
            }
        )

    def _inspected(self) -> dict[str, Any]:
        try:
            return dict(self._api.inspect_container(self.id))
        except TROUBLE as error:
            raise SandboxError(f"{self.container_spec.name}: {error}") from error

    def script(
        self,
        script: str,
        what: str,
        *,
        seconds: float = 60.0,
        apart: bool = True,
        again: bool = True,
    ) -> Result:
        """Run a script that must succeed; raise `SandboxError` with its last lines if not."""
        result = self.ask(script, seconds=seconds, apart=apart, again=again)
        if result.exit_code != 0 or result.timed_out:
            said = (result.stdout + result.stderr).decode(errors="replace").strip()[-800:]
            end = "timed out" if result.timed_out else f"exit {result.exit_code}"
            raise SandboxError(f"{self.container_spec.name}: {what}: {end}: {said or 'no output'}")
        return result

    def put(self, archive: bytes) -> None:
        """Unpack a tar archive at `/`; its names are paths without the leading slash."""
        porter = self._file_transfer
        if porter is not None and (pid := self.first_pid()) and porter.put(pid, archive):
            return
        try:
            self._api.put_archive(self.id, "/", archive)
        except TROUBLE as error:
            raise SandboxError(f"{self.container_spec.name}: files in: {error}") from error

    def get(self, path: str) -> bytes | None:
        """Return a tar archive of a file or folder, as the engine sees it.

        None if it is not there, or larger than `LARGEST`.
        """
        if self._file_transfer is not None and not engines(path) and (pid := self.first_pid()):
            return self._file_transfer.get(pid, path, LARGEST)
        archive = bytearray()
        try:
            chunks, _ = self._api.get_archive(self.id, path)
            with contextlib.closing(chunks):
                for chunk in chunks:
                    archive += chunk
                    if len(archive) > LARGEST:
                        return None
            return bytes(archive)
        except docker.errors.NotFound as error:
            if "no such container" in str(error).lower():
                raise SandboxError(f"{self.container_spec.name}: the container is gone") from error
            return None
        except TROUBLE as error:
            raise SandboxError(f"{self.container_spec.name}: {path} out: {error}") from error

    def read(self, path: str) -> tuple[bytes, tarfile.TarInfo] | None:
        """Return one regular file's content and its tar header; None if it is not one."""
        archive = self.get(path)
        return None if archive is None else only_file(archive)

    def restart(self) -> None:
        """End every process of the container, and begin anew with its files as they are."""
        self.close()
        try:
            self._api.restart(self.id, timeout=0)
        except TROUBLE as error:
            raise SandboxError(f"{self.container_spec.name}: restart: {error}") from error

    def discard(self) -> None:
        """Remove the container, processes and all, while others go on; nobody may use it now."""
        self.close()
        remove = partial(self._api.remove_container, self.id, force=True, v=True)
        self._going = threading.Thread(target=until_gone, args=(remove,), daemon=True)
        self._going.start()

    def wait(self) -> None:
        """Wait until a container that was discarded is gone."""
        if self._going is not None:
            self._going.join()

    def close(self) -> None:
        """Let go of the control shells."""
        for shell in self._controls.values():
            shell.close()
        self._controls.clear()
        if self._first is not None:
            self._first.close()
        self._first = self._pid = None


ENGINES = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
"""Files that the engine mounts over the image's own, and alone reads and writes."""


def engines(path: str) -> bool:
    """Say whether a path is, or holds, a file that only the engine can carry.

    >>> engines("/etc"), engines("/etc/hosts"), engines("/etc/passwd")
    (True, True, False)
    """
    whole = posixpath.normpath(path).rstrip("/")
    return "\n" in path or any(f"{each}/".startswith(f"{whole}/") for each in ENGINES)


def _resources(limits: Limits) -> dict[str, int]:
    """Return limits as the engine's API names them; no swap."""
    return {
        "Memory": limits.memory,
        "MemorySwap": limits.memory,
        "PidsLimit": limits.pids,
        "NanoCpus": int(limits.cpus * 1e9),
    }


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


def _without(mark: bytes, result: Result) -> Result:
    """Take a mark out of what was said on standard error."""
    whole = result.whole and (result.whole[0], result.whole[1].replace(mark, b"", 1))
    return replace(result, stderr=result.stderr.replace(mark, b"", 1), whole=whole)
