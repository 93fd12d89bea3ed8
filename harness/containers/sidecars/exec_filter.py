"""The command gate: every program that the agent's process tree executes passes here.

A small static program (`sandboxes/helpers/exec_filter.c`) does the work: in the sandbox it
puts a seccomp user-notification filter over the shell and all its descendants, and is gone before
the agent's first instruction; in a sidecar it takes the notifications, records each execution, and
holds, fails or kills those that a rule names.  One sidecar serves all trials of a run; each has
its own `Tree`.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.containers.archive import only_file
from harness.containers.engine import Engine, Sidecar
from harness.containers.ports import ContainerSpec
from harness.containers.stream import STDOUT
from harness.errors import SandboxError

Kind = Literal["exec", "connect", "open", "write"]
FLAGS: dict[str, str] = {"connect": "-c", "open": "-o", "write": "-w"}
"""What `launch` needs to see a kind of call other than executions; `WATCHED` in gate.c has them."""

ESCAPED = re.compile(r"\\([\\n])")
"""How a text became one line."""

LAUNCHER = "/run/.init"
"""Where the launcher stands until the shell begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One execution (or other call) that the gate saw."""

    verb: Literal["exec", "hit", "did"]
    rule: int | None
    """The rule that it met; None for a mere record."""
    number: int
    """hit: the call, to be answered; did: how often the rule has acted."""
    pid: int
    parent: int
    """Process ids as the engine's host counts them."""
    argv: tuple[str, ...]
    """exec: the words; other kinds: one text (address or path)."""

    @property
    def text(self) -> str:
        """The words joined by blanks, as rules see them."""
        return " ".join(self.argv)


class ExecFilter:
    """The sidecar and the thread that reads it.  Use `opened`."""

    def __init__(self, sidecar: Sidecar, launcher: bytes) -> None:
        self.launcher = launcher
        self.sidecar = sidecar.id
        """The sidecar's container."""
        self._stream = sidecar.stream
        self._sending = threading.Lock()
        self._trees: dict[int, Tree] = {}
        self._numbers = itertools.count(1)
        self._ready = threading.Event()
        self.failed: str | None = None
        """Why it works no more; None while it does."""
        self._closing = False
        self._reader = threading.Thread(target=self._read, name="command gate", daemon=True)
        self._reader.start()
        if not self._ready.wait(20) or self.failed:
            raise SandboxError(f"the command gate does not start: {self.failed or 'no answer'}")

    def tree(self, kinds: Sequence[Kind] = ()) -> Tree:
        """Return a new tree of processes, with no process yet.

        `kinds`: the calls that it shall see besides executions (each costs its share of time).
        """
        number = next(self._numbers)
        self._trees[number] = Tree(self, number, kinds)
        return self._trees[number]

    def send(self, line: str) -> None:
        """Give one order."""
        if self.failed is not None:
            raise SandboxError(f"the command gate is gone: {self.failed}")
        with self._sending:
            self._stream.send(line.encode() + b"\n")

    def forget(self, number: int) -> None:
        """Let a tree's processes run unwatched."""
        self._trees.pop(number, None)
        if self.failed is None:
            self.send(f"forget {number}")

    def close(self) -> None:
        """End the reading; the sidecar goes with its `with`."""
        self._closing = True
        self._stream.close()
        self._reader.join(5)

    def _read(self) -> None:
        rest = b""
        errors = bytearray()
        while not self._stream.ended and not self._closing:
            try:
                frames = self._stream.receive(1.0)
            except OSError:
                break
            for channel, data in frames:
                if channel != STDOUT:
                    errors += data
                    continue
                *lines, rest = (rest + data).split(b"\n")
                heard = {self._hear(line.decode(errors="backslashreplace")) for line in lines}
                for tree in heard:
                    if tree is not None:
                        tree.ring()
        self.failed = bytes(errors[-400:]).decode(errors="replace").strip() or "its sidecar ended"
        self._ready.set()
        for tree in list(self._trees.values()):
            tree.put("lost")
            tree.ring()

    def _hear(self, line: str) -> Tree | None:
        """Pass a line on; return the tree whose bell is to ring for it."""
        verb, _, rest = line.partition(" ")
        if verb == "ready":
            self._ready.set()
            return None
        number, _, rest = rest.partition(" ")
        tree = self._trees.get(int(number))
        if tree is not None:
            tree.put(f"{verb} {rest}")
        return tree


class Tree:
    """The processes of one trial's agent, as the gate sees them.  Used from one thread."""

    path = LAUNCHER

    def __init__(self, exec_filter: ExecFilter, number: int, kinds: Sequence[Kind]) -> None:
        self.launcher = exec_filter.launcher
        flags = [FLAGS[kind] for kind in kinds if kind in FLAGS]
        self.command = (LAUNCHER, "launch", *flags, "--")
        self._exec_filter = exec_filter
        self._number = number
        self._rules = itertools.count(1)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._kept: list[str] = []
        self._bell, self._ring = socket.socketpair()
        self._bell.setblocking(False)
        self.leader = 0
        """Process id (the host's) of the shell or agent launched last."""
        self.armed: set[int] = set()
        """Rules that a fault has in force."""

    @property
    def wakeup(self) -> socket.socket:
        """Readable when there is something to `take`."""
        return self._bell

    def put(self, line: str) -> None:
        """Take in a line from the reader's thread."""
        self._lines.put(line)

    def ring(self) -> None:
        """Say that lines have come: once for all that came together."""
        with contextlib.suppress(OSError):
            self._ring.send(b".")

    def hold(self, pid: int) -> None:
        """Take over a launcher (pid: the host's) that waits in the sandbox."""
        self._exec_filter.send(f"attach {self._number} {pid}")
        self._await("held")
        self.leader = pid

    def release(self) -> None:
        """Let the launched program begin."""
        self._exec_filter.send(f"release {self._number} {self.leader}")

    def rule(
        self,
        pattern: str,
        verb: Literal["hold", "fail", "kill"],
        *,
        kind: Kind = "exec",
        value: int = 0,
        times: int = 0,
    ) -> int:
        """Watch for a pattern (searched in the words joined by blanks); return the rule.

        `value`: errno to fail with, or signal to kill with; `times`: how often it acts, 0 = always.
        """
        rule = next(self._rules)
        flat = pattern.replace("\\", "\\\\").replace("\n", "\\n")
        self._exec_filter.send(f"rule {self._number} {rule} {kind} {verb} {value} {times} {flat}")
        self._await("ruled")
        return rule

    def drop(self, rule: int) -> None:
        """Watch for it no more."""
        self._exec_filter.send(f"drop {self._number} {rule}")
        self._await("dropped")

    def settle(self) -> list[Call]:
        """Return what is to `take` after the gate has told all it saw until now."""
        self._exec_filter.send(f"drop {self._number} 0")
        self._await("dropped")
        return self.take()

    def disarm(self) -> None:
        """Drop every rule: whoever lives on does so unhindered."""
        self._exec_filter.send(f"drop {self._number} -1")
        self._await("dropped")

    def take(self) -> list[Call]:
        """Return what the gate saw since the last time."""
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        lines, self._kept = self._kept, []
        with contextlib.suppress(queue.Empty):
            while True:
                lines.append(self._lines.get_nowait())
        return [call for line in lines if (call := self._call(line)) is not None]

    def answer(self, call: Call) -> None:
        """Let a held call go on."""
        self._exec_filter.send(f"answer {call.number} go")

    def close(self) -> None:
        """Stop watching."""
        with contextlib.suppress(SandboxError):
            self._exec_filter.forget(self._number)
        self._bell.close()
        self._ring.close()

    def _await(self, verb: str) -> None:
        """Wait for an answer; calls that come in between are kept for `take`."""
        while True:
            try:
                line = self._lines.get(timeout=20)
            except queue.Empty:
                raise SandboxError(f"the command gate does not answer ({verb})") from None
            word = line.split(" ", 1)[0]
            if word == verb:
                return
            if word in {"error", "lost"}:
                raise SandboxError(f"the command gate: {line}")
            self._kept.append(line)

    def _call(self, line: str) -> Call | None:
        verb, *fields = line.split(" ")
        match verb:
            case "exec":
                return _call("exec", None, 0, fields[0], fields[1], fields[2:])
            case "hit":
                return _call("hit", fields[0], fields[1], fields[2], fields[3], fields[4:])
            case "did":
                return _call("did", fields[0], fields[1], fields[2], 0, fields[3:])
            case "lost":
                raise SandboxError("the command gate is gone")
        return None


def _call(
    verb: Literal["exec", "hit", "did"],
    rule: str | None,
    number: str | int,
    pid: str,
    parent: str | int,
    words: list[str],
) -> Call:
    text = ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], " ".join(words))
    return Call(
        verb=verb,
        rule=None if rule is None else int(rule),
        number=int(number),
        pid=int(pid),
        parent=int(parent),
        argv=tuple(text.split("\x1f")),
    )


@contextlib.contextmanager
def open_exec_filter(engine: Engine, image: str) -> Iterator[ExecFilter]:
    """Run the gate's sidecar for the length of a `with`."""
    archive = engine.fetch(image, "/exec_filter")
    program = only_file(archive) if archive is not None else None
    if program is None:
        raise SandboxError(f"the image {image} has no /exec_filter")
    caps = ["SYS_PTRACE", "KILL"]
    with engine.sidecar(image, ["/exec_filter", "supervise"], caps=caps, pid="host") as sidecar:
        exec_filter = ExecFilter(sidecar, program[0])
        try:
            yield exec_filter
        finally:
            exec_filter.close()


def exec_filter_problem(engine: Engine, image: str, sandbox: str) -> str | None:
    """Return why the gate cannot work with this engine; None when a trial of it went well."""
    try:
        with (
            open_exec_filter(engine, image) as exec_filter,
            engine.container(sandbox, ContainerSpec(name="gate probe")) as container,
        ):
            tree = exec_filter.tree()
            with contextlib.closing(tree):
                shell = container.agent.shell(exec_filter=tree)
                with contextlib.closing(shell):
                    shell.run("/bin/true", seconds=5)
                if not any(call.argv[:1] == ("/bin/true",) for call in tree.settle()):
                    return "it saw no execution"
    except SandboxError as error:
        return str(error)
    return None
