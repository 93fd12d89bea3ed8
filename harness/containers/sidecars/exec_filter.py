"""The exec filter: every program that the agent's process tree executes passes here.

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
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Literal

from harness.containers.archive import only_file
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec, Sidecar
from harness.containers.sidecars.channel import Channel
from harness.containers.sidecars.exec_calls import Call, call_of
from harness.errors import SandboxError

Kind = Literal["exec", "connect", "open", "write"]
FLAGS: dict[str, str] = {"connect": "-c", "open": "-o", "write": "-w"}
"""What `launch` needs to see a kind of call other than executions (see exec_filter.c)."""

ANSWER_SECONDS = 20.0
"""How long the sidecar may take to start, or to answer an order."""

LAUNCHER = "/run/.init"
"""Where the launcher stands until the shell begins."""


class ExecFilter:
    """The sidecar and the thread that reads it.  Use `open_exec_filter`."""

    def __init__(self, sidecar: Sidecar, launcher: bytes) -> None:
        self.launcher = launcher
        self.sidecar = sidecar.id
        """The sidecar's container."""
        self._channel = Channel(sidecar.stream, "the exec filter", ANSWER_SECONDS)
        self._sending = threading.Lock()
        self._trees: dict[int, Tree] = {}
        self._numbers = itertools.count(1)
        self._ready = threading.Event()
        self.failed: str | None = None
        """Why it works no more; None while it does."""
        self._closing = False
        self._reader = threading.Thread(target=self._read, name="exec filter", daemon=True)
        self._reader.start()
        if not self._ready.wait(ANSWER_SECONDS) or self.failed:
            raise SandboxError(f"the exec filter does not start: {self.failed or 'no answer'}")

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
            raise SandboxError(f"the exec filter is gone: {self.failed}")
        with self._sending:
            self._channel.send(line.encode() + b"\n")

    def forget(self, number: int) -> None:
        """Let a tree's processes run unwatched."""
        self._trees.pop(number, None)
        if self.failed is None:
            self.send(f"forget {number}")

    def close(self) -> None:
        """End the reading; the sidecar goes with its `with`."""
        self._closing = True
        self._channel.stream.close()
        self._reader.join(5)

    def _read(self) -> None:
        stream = self._channel.stream
        while not stream.ended and not self._closing:
            try:
                self._channel.pull(1.0)
            except OSError:
                break
            received = self._channel.received
            whole = bytes(received[: received.rfind(b"\n") + 1])
            del received[: len(whole)]
            lines = whole.decode(errors="backslashreplace").split("\n")[:-1]
            for tree in {tree for line in lines if (tree := self._dispatch(line)) is not None}:
                tree.wake()
        self.failed = self._channel.complaint or "its sidecar ended"
        self._ready.set()
        for tree in list(self._trees.values()):
            tree.put("lost")
            tree.wake()

    def _dispatch(self, line: str) -> Tree | None:
        """Pass a line on; return the tree that is to be woken for it."""
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
    """The processes of one trial's agent, as the filter sees them.  Used from one thread."""

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
        self._wakeup, self._waker = socket.socketpair()
        self._wakeup.setblocking(False)
        self.leader = 0
        """Process id (the host's) of the shell or agent launched last."""
        self.armed: set[int] = set()
        """Rules that a fault has in force."""

    @property
    def wakeup(self) -> socket.socket:
        """Readable when there is something to `take`."""
        return self._wakeup

    def put(self, line: str) -> None:
        """Take in a line from the reader's thread."""
        self._lines.put(line)

    def wake(self) -> None:
        """Say that lines have come: once for all that came together."""
        with contextlib.suppress(OSError):
            self._waker.send(b".")

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
        """Return what is to `take` after the filter has told all it saw until now."""
        self._exec_filter.send(f"drop {self._number} 0")
        self._await("dropped")
        return self.take()

    def disarm(self) -> None:
        """Drop every rule: what lives on does so unhindered."""
        self._exec_filter.send(f"drop {self._number} -1")
        self._await("dropped")

    def take(self) -> list[Call]:
        """Return what the filter saw since the last time."""
        with contextlib.suppress(BlockingIOError):
            self._wakeup.recv(4096)
        lines, self._kept = self._kept, []
        with contextlib.suppress(queue.Empty):
            while True:
                lines.append(self._lines.get_nowait())
        return [call for line in lines if (call := call_of(line)) is not None]

    def answer(self, call: Call, *, follow: bool = False) -> None:
        """Let a held call go on; `follow`: its process' end will be an `over`."""
        self._exec_filter.send(f"answer {call.number} {'follow' if follow else 'go'}")

    def close(self) -> None:
        """Stop watching."""
        with contextlib.suppress(SandboxError):
            self._exec_filter.forget(self._number)
        self._wakeup.close()
        self._waker.close()

    def _await(self, verb: str) -> None:
        """Wait for an answer; calls that come in between are kept for `take`."""
        while True:
            try:
                line = self._lines.get(timeout=ANSWER_SECONDS)
            except queue.Empty:
                raise SandboxError(f"the exec filter does not answer ({verb})") from None
            word = line.split(" ", 1)[0]
            if word == verb:
                return
            if word in {"error", "lost"}:
                raise SandboxError(f"the exec filter: {line}")
            self._kept.append(line)


@contextlib.contextmanager
def open_exec_filter(engine: Engine, image: str) -> Iterator[ExecFilter]:
    """Run the filter's sidecar for the length of a `with`."""
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
    """Return why the filter cannot work with this engine; None when a trial of it went well."""
    try:
        with (
            open_exec_filter(engine, image) as exec_filter,
            engine.container(sandbox, ContainerSpec(name="exec filter probe")) as container,
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
