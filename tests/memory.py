"""A container in memory: files, processes and time are data, and its shell knows a dozen words.

It satisfies `harness.containers.ports` and answers the harness's own scripts, which it knows by
their text, as bash in a container would.  So what runs a trial can be tested in milliseconds; that
the scripts themselves are right, the tests with real containers show.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import posixpath
import re
import shlex
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, cast

from harness.containers.archive import join, only_file
from harness.containers.ports import ContainerSpec, Sidecar
from harness.containers.process_scripts import LISTING
from harness.containers.shell import Result
from harness.containers.shell_protocol import START, Ending
from harness.containers.sidecars.exec_filter import ExecFilter, Tree
from harness.errors import SandboxError
from harness.models.task import Limits
from memory_shell import WORDS, OutOfTime, ShellEnded, Word, said, simple_commands

if TYPE_CHECKING:
    import socket

    from harness.containers.ports import Launcher

Files = dict[str, tuple[bytes, int]]
"""Absolute path -> (content, mode); a folder is there while something is in it."""


class Clock:
    """Seconds that pass only where something waits for them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time, in seconds."""
        return self.now


class Stop:
    """The operator's stop, at a point in time; to wait for it moves the clock."""

    def __init__(self, clock: Clock, at: float = float("inf")) -> None:
        self._clock, self._at = clock, at

    def is_set(self) -> bool:
        """Say whether it has come."""
        return self._clock.now >= self._at

    def wait(self, timeout: float) -> bool:
        """Let so many seconds pass."""
        self._clock.now += timeout
        return self.is_set()


@dataclass(slots=True, kw_only=True)
class Process:
    """A process: `stubborn` ones outlive every signal, and a restart."""

    name: str
    stubborn: bool = False


class MemoryContainer:
    """`ports.Container`, its agent's way in and its probes, all in one."""

    def __init__(
        self,
        spec: ContainerSpec,
        clock: Clock,
        files: Files | None = None,
        words: Mapping[str, Word] | None = None,
    ) -> None:
        self.id = spec.name
        self.spec = spec
        self.clock = clock
        self.files: Files = dict(files or {})
        self.words = {**WORDS, **(words or {})}
        self.running: dict[int, Process] = {}
        self.programs: dict[str, Iterable[tuple[int, bytes]]] = {}
        """Program -> what it writes: (1 stdout or 2 stderr, bytes), a piece a tick."""
        self.exit_code = 0
        """How its programs end."""
        self.refuses: set[str] = set()
        """What fails as the machinery does: `shell`, `kill`, or all scripts (`ask`)."""
        self.shells: list[MemoryShell] = []
        self.restarts = 0
        self.discarded = False
        self.tick: Callable[[], None] = lambda: None
        self.deadline = float("inf")
        self._pids = itertools.count(10)

    @property
    def agent(self) -> Self:
        """The agent's way in."""
        return self

    @property
    def probes(self) -> Self:
        """The harness's way in."""
        return self

    # --- the container --------------------------------------------------------------------

    def spawn(self, name: str, *, stubborn: bool = False) -> int:
        """Start a process; return its id."""
        pid = next(self._pids)
        self.running[pid] = Process(name=name, stubborn=stubborn)
        return pid

    def end(self, pids: Iterable[int]) -> list[str]:
        """End processes, the stubborn apart; return the names of those that were asked to."""
        asked = [(pid, self.running[pid]) for pid in pids if pid in self.running]
        for pid, process in asked:
            if not process.stubborn:
                del self.running[pid]
        return [process.name for _, process in asked]

    def first_pid(self) -> int:
        """Return a process id."""
        return 1

    def limits(self) -> Limits:
        """Return the limits."""
        return self.spec.limits

    def limit(self, limits: Limits) -> None:
        """Refuse other limits."""
        raise SandboxError(f"no other limits: {limits}")

    def restart(self) -> None:
        """End every process."""
        self.restarts += 1
        self.refuses.clear()
        self.end(list(self.running))

    def discard(self) -> None:
        """Note that it is used no more."""
        self.discarded = True

    # --- the agent's way in ---------------------------------------------------------------

    def shell(
        self,
        *,
        user: str = "root",  # noqa: ARG002 - rights are not modelled
        cwd: str = "/",
        limit: int = 0,  # noqa: ARG002
        exec_filter: Launcher | None = None,
    ) -> MemoryShell:
        """Open a shell."""
        if "shell" in self.refuses:
            raise SandboxError("no shell could be opened")
        shell = MemoryShell(self, cwd)
        if exec_filter is not None:
            exec_filter.hold(shell.pid)
            exec_filter.release()
        self.shells.append(shell)
        return shell

    def program(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],  # noqa: ARG002 - it reads none
        user: str,  # noqa: ARG002
        cwd: str,  # noqa: ARG002
        exec_filter: Launcher | None = None,  # noqa: ARG002
    ) -> MemoryProgram:
        """Start a program: one of `programs`."""
        return MemoryProgram(self, iter(self.programs[command[0]]))

    # --- the harness's way in -------------------------------------------------------------

    def ask(
        self,
        script: str,
        *,
        user: str = "root",  # noqa: ARG002
        seconds: float = 30.0,
        apart: bool = True,  # noqa: ARG002
        again: bool = True,  # noqa: ARG002
    ) -> Result:
        """Answer a script: one of the harness's own, or one of this shell's words."""
        kill = re.match(r"spared='(.*?)' family", script)
        if "ask" in self.refuses or (kill and "kill" in self.refuses):
            raise SandboxError("the way in is gone")
        if kill:
            spared = {int(word.partition(":")[0]) for word in kill[1].split()}
            return said("\n".join(self.end(set(self.running) - spared)))
        if script == LISTING:
            rows = [f"{pid} 0 1 {pid} {process.name}" for pid, process in self.running.items()]
            return said("\n".join(rows))
        known = self._known(script)
        inner = re.match(r"\((.*)\n\) >/dev/null", script, re.DOTALL)
        return known or self.run(inner[1] if inner else script, seconds)

    def _known(self, script: str) -> Result | None:
        """Answer one of the harness's own questions about files and shells."""
        if "stat -c" in script or "busy=" in script:
            return self._file_facts(script)
        if "doomed=" in script or script.startswith("while read -r _ at _ state _"):
            return said(b"\0" + b"\0".join(self._sums(script)))
        if "/proc/net/sockstat" in script:
            return said(b"0\n" + b"".join(self._glance(script)))
        if script.startswith("cd -P /proc/"):
            return said(self.shells[-1].cwd)
        return None

    def script(
        self,
        script: str,
        what: str,
        *,
        seconds: float = 60.0,
        apart: bool = True,  # noqa: ARG002
        again: bool = True,  # noqa: ARG002
    ) -> Result:
        """Run a script that must succeed."""
        result = self.ask(script, seconds=seconds)
        if result.exit_code != 0:
            raise SandboxError(f"{what}: exit {result.exit_code}: {result.stderr.decode()}")
        return result

    def exists(self, path: str) -> bool:
        """Say whether a file is there, or a folder with something in it."""
        return any(each == path or each.startswith(f"{path}/") for each in self.files)

    def get(self, path: str) -> bytes | None:
        """Return a tar archive of a file or folder."""
        if not self.exists(path):
            return None
        base = posixpath.dirname(path)
        found = [each for each in self.files if each == path or each.startswith(f"{path}/")]
        folders = {above for each in found for above in _above(each) if above.startswith(path)}
        members = [*(_member(each, base, None) for each in sorted(folders))]
        return join([members + [_member(each, base, self.files[each]) for each in sorted(found)]])

    def read(self, path: str) -> tuple[bytes, tarfile.TarInfo] | None:
        """Return a file's content and header."""
        archive = self.get(path)
        return only_file(archive) if archive is not None else None

    def put(self, archive: bytes) -> None:
        """Unpack the files of an archive."""
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is not None:
                    self.files[f"/{member.name}"] = (stream.read(), member.mode)

    def processes(self) -> tuple[int, ...]:
        """Return no process: nothing of the harness's runs here."""
        return ()

    def _file_facts(self, script: str) -> Result:
        """Answer the two questions of `injection/file_facts.py`."""
        path = shlex.split(script.partition("in " if "busy=" in script else "-G ")[2])[0].strip(";")
        found = self.files.get(path)
        if found is None:
            return said("", code=1)
        return said(f"{hashlib.sha256(found[0]).hexdigest()} 0 0 0 {path}\n")

    def _glance(self, script: str) -> Iterator[bytes]:
        watched = shlex.split(script.partition("find ")[2].partition(" -printf")[0])
        for path, (content, mode) in sorted(self.files.items()):
            if any(path == each or path.startswith(f"{each}/") for each in watched):
                stamp = hashlib.sha256(content).hexdigest()
                yield f"{path}\0f\0{mode:o}\0\0{len(content)} {stamp}\0".encode()

    def _sums(self, script: str) -> Iterator[bytes]:
        for path in shlex.split(script.partition("'%s\\0' ")[2].partition(" | xargs")[0]):
            yield f"{hashlib.sha256(self.files[path][0]).hexdigest()}  {path}".encode()

    # --- its shell language ---------------------------------------------------------------

    def run(self, text: str, seconds: float, tick: Callable[[], None] = lambda: None) -> Result:
        """Run words joined by `;`, `&&`, `||` and lines; `tick` is called as time passes."""
        self.tick, self.deadline, began = tick, self.clock.now + seconds, self.clock.now
        out, code, timed_out, died = ["", ""], 0, False, False
        try:
            for joint, words in simple_commands(text):
                if joint == ";" or (joint == "&&") == (code == 0):
                    code, printed = self._one(words)
                    out[int(code != 0)] += printed
        except OutOfTime:
            timed_out = True
        except ShellEnded as end:
            code, died = int(str(end)), True
        stdout, stderr = (each.encode(errors="surrogateescape") for each in out)
        return Result(
            stdout=stdout, stderr=stderr, exit_code=None if timed_out else code,
            pipestatus=None if timed_out or died else (code,), seconds=self.clock.now - began,
            timed_out=timed_out, died=died,
        )  # fmt: skip

    def _one(self, words: Sequence[str]) -> tuple[int, str]:
        *rest, target = words if ">" in words else (*words, "")
        word, *arguments = rest[: rest.index(">")] if target and ">" in rest else words
        if word not in self.words:
            return 127, f"{word}: command not found\n"
        code, printed = self.words[word](self, arguments)
        if target:
            self.files[target] = (printed.encode(), 0o644)
        return (code, "") if target else (code, printed)


class MemoryShell:
    """`ports.AgentShell`: a command that sleeps lets `tick` be called every 20 ms."""

    def __init__(self, container: MemoryContainer, cwd: str) -> None:
        self._container = container
        self.cwd = cwd
        self.pid = container.spawn("bash")
        self.dead = False
        self.last: Ending = START

    def run(
        self,
        command: str,
        *,
        seconds: float,
        tick: Callable[[], None] = lambda: None,
        kill: Callable[[], None] = lambda: None,
    ) -> Result:
        """Run one command."""
        tick()
        result = self._container.run(command, seconds, tick)
        if result.timed_out:
            kill()
        self.dead = result.timed_out or result.died
        if self.dead:
            self._container.end([self.pid])
        return result

    def close(self) -> None:
        """Let go of it."""


class MemoryProgram:
    """`ports.Program`: it writes a piece a tick."""

    def __init__(self, container: MemoryContainer, pieces: Iterator[tuple[int, bytes]]) -> None:
        self._container, self._pieces = container, pieces
        self.ended = self.closed = False

    def receive(
        self,
        seconds: float,
        wakeups: Sequence[socket.socket] = (),  # noqa: ARG002
    ) -> list[tuple[int, bytes]]:
        """Return the next piece."""
        self._container.clock.now += seconds
        piece = next(self._pieces, None)
        self.ended = piece is None
        return [] if piece is None else [piece]

    def exit_code(self) -> int | None:
        """Return the exit code."""
        return self._container.exit_code

    def close(self) -> None:
        """Let go of it."""
        self.closed = True


@dataclass(slots=True, kw_only=True)
class MemoryEngine:
    """`ports.ContainerEngine`: images are files, and there are no sidecars."""

    clock: Clock
    images: Mapping[str, Files]
    words: Mapping[str, Word]
    made: list[MemoryContainer]
    change: Callable[[MemoryContainer], None] = lambda _: None
    """What is done to each new container."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def version(self) -> str:
        """Return a version."""
        return "memory"

    @contextlib.contextmanager
    def network(self, name: str) -> Iterator[str]:
        """Make a network, which leads nowhere."""
        yield name

    @contextlib.contextmanager
    def container(self, image: str, spec: ContainerSpec) -> Iterator[MemoryContainer]:
        """Make a container with the image's files."""
        made = MemoryContainer(spec, self.clock, self.images[image], self.words)
        self.made.append(made)
        self.change(made)
        yield made

    def sidecar(
        self, image: str, command: list[str], **_: object
    ) -> contextlib.AbstractContextManager[Sidecar]:
        """Have none."""
        raise SandboxError(f"no sidecars: {image}, {command}")

    def fetch(self, image: str, path: str) -> bytes | None:
        """Return an archive of a path of an image."""
        return MemoryContainer(ContainerSpec(name=image), self.clock, self.images[image]).get(path)


class MemoryFilter:
    """What a `Tree` gives its orders to: it carries each out at once; calls are fed by hand."""

    launcher = b""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.late: list[str] = []
        """What it has seen, and tells before it answers the next `drop`."""
        self.tree = Tree(cast("ExecFilter", self), 1, ())

    def send(self, line: str) -> None:
        """Take an order, and answer it."""
        self.orders.append(line)
        if line.startswith("drop"):
            while self.late:
                self.tree.put(self.late.pop(0))
        answers = {"attach": "held", "rule": "ruled", "drop": "dropped"}
        if answer := answers.get(line.split(" ", 1)[0]):
            self.tree.put(answer)

    def forget(self, number: int) -> None:
        """Take back nothing: there is one tree."""

    def see(self, verb: str, *fields: object, late: bool = False) -> None:
        """Feed a call: `exec PID PARENT WORDS`, `hit RULE CALL PID PARENT WORDS`, `did ...`."""
        *numbers, words = fields
        folder = ["/work"] if verb == "exec" else []
        text = "\x1f".join([*folder, *cast("Sequence[str]", words)])
        line = " ".join([verb, *map(str, numbers), text])
        (self.late.append if late else self.tree.put)(line)


def _above(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:n]) for n in range(1, len(parts))]


def _member(path: str, base: str, file: tuple[bytes, int] | None) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(posixpath.relpath(path, base))
    content, mode = file if file is not None else (b"", 0o755)
    member.type = tarfile.REGTYPE if file is not None else tarfile.DIRTYPE
    member.size, member.mode = len(content), mode
    return member, content
