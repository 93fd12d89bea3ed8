"""What an agent can do: run commands, one a step, and speak.  Every move passes the gate here."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.commandgate import Call, Tree
from harness.container import Box, end_session
from harness.errors import HarnessError
from harness.history import History
from harness.models import Task
from harness.nemesis import Nemesis
from harness.shell import Result, Shell, quoted, text_of

ARGUMENTS, ARGUMENT = 64, 2000
"""How many words of an execution are recorded, and how many characters of each."""


class CutOff(BaseException):
    """The agent's time or steps are used up.  No `except Exception` of an agent's swallows it."""


class Cancelled(BaseException):
    """The operator stopped the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    r"""What the agent gets to see of a step.  Bytes that are no UTF-8 show as `\xNN`."""

    stdout: str
    stderr: str
    exit_code: int | None
    """None: unknown, the command was ended by the time limit."""
    timed_out: bool = False
    note: str = ""
    """What the channel has to say: a time-out, a new shell."""

    @property
    def text(self) -> str:
        """Both streams and the note, as one text."""
        return "\n".join(
            part.rstrip("\n") for part in (self.stdout, self.stderr, self.note) if part
        )


class Session:
    """The agent's side of one trial: a persistent shell behind a gate.

    `artifact` stores bytes and returns their sha256.
    """

    def __init__(
        self,
        task: Task,
        box: Box,
        nemesis: Nemesis,
        history: History,
        artifact: Callable[[bytes], str],
        stop: threading.Event,
        gate: Tree | None = None,
    ) -> None:
        self._gate = gate
        self._task = task
        self._box = box
        self._nemesis = nemesis
        self._history = history
        self._artifact = artifact
        self._stop = stop
        self._shell: Shell | None = None
        self._watcher = Watcher(box, task)
        self._steps = 0
        self.said_last = False

    def open(self) -> None:
        """Open the agent's shell (before hand-over, so that it costs the agent nothing)."""
        self._shell = self._new_shell(self._task.workdir)

    def replay(self, command: str) -> Result:
        """Run a command of a recorded prefix in the agent's own shell, off the record."""
        return self._run(command, self._task.limits.step_seconds, lambda: None)

    def hand_over(self) -> None:
        """Start the agent's clock; what strikes at the start has struck."""
        self._watcher.digest()
        if self._gate is not None:
            self._gate.settle()
        self._history.hand_over()

    def do(self, command: str, message: str | None = None) -> Observation:
        """Run one command as the agent; `message` is what it said with it.

        Raises `CutOff` when the task's limits are used up.
        """
        left = self._left()
        self._steps += 1
        step = self._steps
        self._history.add("agent", "acts", step=step, command=command, message=message)
        self._nemesis.watch(command)
        seconds = min(self._task.limits.step_seconds, left)
        result = self._run(command, seconds, self._tick)
        if self._gate is not None:
            self._pass(self._gate.settle())
        note = self._note(result, seconds)
        seen = self._record(step, result, note)
        changed = self._history.events[-1]["changed"]
        self._nemesis.look(step, command, changed=changed, output=seen.text)
        self._nemesis.watch()
        return seen

    def say(self, text: str, *, final: bool = True) -> None:
        """Record the agent's own words; the final message carries its claim."""
        self.said_last = self.said_last or final
        self._history.add("agent", "says", text=text, final=final)

    def close(self) -> None:
        """Let go of the shell."""
        if self._shell is not None:
            self._shell.close()
            self._shell = None

    def wait(self, seconds: float) -> None:
        """Let time pass for the agent while the world goes on."""
        deadline = self._history.now() + seconds
        while (left := deadline - self._history.now()) > 0:
            self._tick()
            self._stop.wait(min(left, 0.02))

    # --- one command ----------------------------------------------------------------------

    def _left(self) -> float:
        limits = self._task.limits
        left = limits.seconds - self._history.now()
        if self._stop.is_set():
            raise Cancelled
        if left <= 0:
            raise CutOff(f"the time limit of {limits.seconds:g} s is used up")
        if self._steps >= limits.steps:
            raise CutOff(f"the limit of {limits.steps} steps is used up")
        return left

    def _tick(self) -> None:
        if self._stop.is_set():
            raise Cancelled
        if self._gate is not None:
            self._pass(self._gate.take())
        self._nemesis.watch()

    def _pass(self, calls: Sequence[Call]) -> None:
        """Record what the agent's processes execute; show the nemesis what it waits for."""
        for call in calls:
            if call.verb == "exec":
                argv = [word[:ARGUMENT] for word in call.argv[:ARGUMENTS]]
                self._history.add(
                    "agent",
                    "execs",
                    step=self._steps,
                    argv=argv,
                    pid=call.pid,
                    parent=call.parent,
                )
            else:
                self._nemesis.at_gate(call)

    def _run(self, command: str, seconds: float, tick: Callable[[], None]) -> Result:
        if self._shell is None:
            self._shell = self._new_shell(self._task.workdir)
        shell, cwd = self._shell, self._task.workdir

        def kill(took: float) -> None:
            nonlocal cwd
            cwd = self._cwd(shell.pid) or cwd
            self._box.ask(end_session(shell.pid, began=took))

        result = shell.run(command, seconds=seconds, tick=tick, kill=kill)
        if shell.dead:
            shell.close()
            self._shell = self._new_shell(cwd)
        return result

    def _new_shell(self, cwd: str) -> Shell:
        try:
            return self._box.shell(
                user=self._box.wish.user, cwd=cwd, limit=self._task.limits.output, gate=self._gate
            )
        except HarnessError:  # the agent may have removed the folder it worked in
            return self._box.shell(
                user=self._box.wish.user, limit=self._task.limits.output, gate=self._gate
            )

    def _cwd(self, pid: int) -> str:
        said = self._box.ask(f"cd -P /proc/{pid}/cwd && pwd -P", seconds=2)
        return said.stdout.decode(errors="replace").strip() if said.exit_code == 0 else ""

    @staticmethod
    def _note(result: Result, seconds: float) -> str:
        if result.timed_out:
            return f"(ended after the time limit of {seconds:.0f} s; a new shell was opened)"
        if result.died:
            return "(the shell ended; a new one was opened)"
        return ""

    def _record(self, step: int, result: Result, note: str) -> Observation:
        digest, changed = self._watcher.digest()
        seen = Observation(
            stdout=text_of(result.stdout),
            stderr=text_of(result.stderr),
            exit_code=result.exit_code,
            timed_out=result.timed_out,
            note=note,
        )
        self._history.add(
            "agent",
            "sees",
            step=step,
            stdout=seen.stdout,
            stderr=seen.stderr,
            exit_code=result.exit_code,
            pipestatus=result.pipestatus,
            seconds=round(result.seconds, 4),
            timed_out=result.timed_out,
            died=result.died,
            cut=result.cut,
            note=note or None,
            artifacts=[self._artifact(whole) for whole in result.whole or ()],
            digest=digest,
            changed=changed,
        )
        return seen


class Watcher:
    """The state digest: content of the task's `watch` paths, and the listening TCP ports.

    Both are read only when a cheap glance (sizes, modes, times; how many sockets there are)
    differs from the one before: the table of sockets alone costs the kernel 5 ms.
    """

    def __init__(self, box: Box, task: Task) -> None:
        paths = quoted(task.watch)
        self._box = box
        self._glance_at = "{ read -r _; read -r _ _ n _; } </proc/net/sockstat; echo $n"
        self._look_at = (
            'while read -r _ at _ state _; do [ "$state" = 0A ] && echo "$at"; done'
            " </proc/net/tcp | LC_ALL=C sort"
        )
        if paths:
            self._glance_at += f"; exec find {paths} -printf '%p %m %s %T@ %C@ %l\\n' 2>/dev/null"
            self._look_at += (
                f"\nfind {paths} -printf '%p %m %l\\n' 2>/dev/null | LC_ALL=C sort"
                f"\nfind {paths} -type f -print0 2>/dev/null | LC_ALL=C sort -z"
                " | xargs -0r sha256sum 2>/dev/null; true"
            )
        self._glance: bytes | None = None
        self._digest: str | None = None

    def digest(self) -> tuple[str | None, bool]:
        """Return (state digest or None when it cannot be known, whether it changed)."""
        glance = self._box.ask(self._glance_at, seconds=5)
        if glance.timed_out or glance.died:
            return None, True
        if glance.stdout == self._glance:
            return self._digest, False
        self._glance = glance.stdout
        before = self._digest
        state = self._box.ask(self._look_at, seconds=10)
        self._digest = hashlib.sha256(state.stdout).hexdigest()[:16]
        return self._digest, before is not None and before != self._digest
