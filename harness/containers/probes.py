"""The harness's own way into a running container: control shells, and files in and out.

The shells are bashes in the container itself, root's being its first process, so a root agent can
reach them: what is asked here is asked on the agent's ground (`SECURITY.md`).
"""

from __future__ import annotations

import contextlib
import posixpath
import secrets
import tarfile
from dataclasses import replace
from typing import Protocol

import docker
import docker.errors

from harness.containers import shell_protocol
from harness.containers.archive import only_file
from harness.containers.connection import TROUBLE
from harness.containers.process_scripts import FIRST, end_session
from harness.containers.programs import BASH, FirstProcess, Programs
from harness.containers.shell import Result, Shell
from harness.errors import SandboxError
from harness.shelltext.quoting import quote

LARGEST = 1 << 28
"""bytes: the largest archive that is read out of a container"""

MOUNTED = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
"""Files that the engine mounts over the image's own, and alone reads and writes."""


class Carrier(Protocol):
    """Carries files between us and running containers (a `file_transfer.FileTransfer` does)."""

    def get(self, pid: int, path: str, limit: int) -> bytes | None: ...  # noqa: D102
    def put(self, pid: int, archive: bytes) -> bool: ...  # noqa: D102


class ShellProbes:
    """`ports.Probes` by shells in the container and by the engine's, or a carrier's, archives."""

    def __init__(
        self,
        api: docker.APIClient,
        container: str,
        programs: Programs,
        first: FirstProcess,
        carrier: Carrier | None,
    ) -> None:
        self._api, self._container, self._name = api, container, programs.name
        self._programs, self._first, self._carrier = programs, first, carrier
        self._controls: dict[str, Shell] = {}

    # --- scripts --------------------------------------------------------------------------

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
        text = f"({shell_protocol.CLOSE}; cd /\n{script}\n)" if apart else script
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
            raise SandboxError(f"{self._name}: {what}: {end}: {said or 'no output'}")
        return result

    def exists(self, path: str) -> bool:
        """Say whether a path exists: asked of a builtin, so that no process shows."""
        return self.ask(f"[ -e {quote([path])} ]", seconds=5, apart=False).exit_code == 0

    def processes(self) -> tuple[int, ...]:
        """Return the process ids of the control shells."""
        return (FIRST, *(shell.pid for shell in self._controls.values() if shell.pid != FIRST))

    def _control(self, user: str) -> Shell:
        """Return the user's control shell, a new one if the agent has killed it."""
        if user in self._controls and self._controls[user].gone():
            self._drop(user)
        if user not in self._controls:
            first = self._first.shell
            usable = user == "root" and first is not None and not first.gone()
            self._controls[user] = first if first is not None and usable else self._opened(user)
        return self._controls[user]

    def _opened(self, user: str) -> Shell:
        program = self._programs.start(BASH, env={}, user=user, cwd="/", stdin=True)
        try:
            return Shell(program.stream, alive=program.state)
        except SandboxError:
            program.close()
            raise

    def _drop(self, user: str) -> None:
        """Use a control shell no more; the first process is kept, for with it ends the sandbox."""
        control = self._controls.pop(user)
        if control is not self._first.shell:
            control.close()

    def close(self) -> None:
        """Let go of the control shells."""
        for shell in self._controls.values():
            shell.close()
        self._controls.clear()

    # --- files ----------------------------------------------------------------------------

    def put(self, archive: bytes) -> None:
        """Unpack a tar archive at `/`; its names are paths without the leading slash."""
        carrier = self._carrier
        if carrier is not None and (pid := self._first.pid()) and carrier.put(pid, archive):
            return
        try:
            self._api.put_archive(self._container, "/", archive)
        except TROUBLE as error:
            raise SandboxError(f"{self._name}: files in: {error}") from error

    def get(self, path: str) -> bytes | None:
        """Return a tar archive of a file or folder, as the engine sees it.

        None if it is not there, or larger than `LARGEST`.
        """
        if self._carrier is not None and not mounted(path) and (pid := self._first.pid()):
            return self._carrier.get(pid, path, LARGEST)
        archive = bytearray()
        try:
            chunks, _ = self._api.get_archive(self._container, path)
            with contextlib.closing(chunks):
                for chunk in chunks:
                    archive += chunk
                    if len(archive) > LARGEST:
                        return None
            return bytes(archive)
        except docker.errors.NotFound as error:
            if "no such container" in str(error).lower():
                raise SandboxError(f"{self._name}: the container is gone") from error
            return None
        except TROUBLE as error:
            raise SandboxError(f"{self._name}: {path} out: {error}") from error

    def read(self, path: str) -> tuple[bytes, tarfile.TarInfo] | None:
        """Return one regular file's content and its tar header; None if it is not one."""
        archive = self.get(path)
        return None if archive is None else only_file(archive)


def mounted(path: str) -> bool:
    """Say whether a path is, or holds, a file that only the engine can carry.

    >>> mounted("/etc"), mounted("/etc/hosts"), mounted("/etc/passwd")
    (True, True, False)
    """
    whole = posixpath.normpath(path).rstrip("/")
    return "\n" in path or any(f"{each}/".startswith(f"{whole}/") for each in MOUNTED)


def _without(mark: bytes, result: Result) -> Result:
    """Take a mark out of what was said on standard error."""
    whole = result.whole and (result.whole[0], result.whole[1].replace(mark, b"", 1))
    return replace(result, stderr=result.stderr.replace(mark, b"", 1), whole=whole)
