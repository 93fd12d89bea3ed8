"""What an agent can do: run commands, one a step, and speak.  Every move passes the gate here."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.agents.boundary import Boundary, guard
from harness.containers.archive import only_file
from harness.containers.ports import AgentShell, Container
from harness.containers.process_scripts import end_session
from harness.containers.shell import TICK, Result
from harness.containers.sidecars.exec_calls import Call
from harness.containers.sidecars.exec_filter import Tree
from harness.containers.state import Watcher
from harness.containers.stream import Capture
from harness.errors import HarnessError
from harness.gateway.model_channel import ModelChannel
from harness.history.events import Action, Event, Exec, Logged, Message
from harness.history.events import Observation as Observed
from harness.history.writer import History
from harness.injection.nemesis import Nemesis
from harness.models.nouns import Task
from harness.shelltext.quoting import text_of

ARGUMENTS, ARGUMENT = 64, 2000
"""How many words of an execution are recorded, and how many characters of each."""


LOGGED = 1 << 24
"""How many bytes of each stream of an agent's own program are kept."""

NO_MARK = b"\0" * 40
"""What ends no output: a program's own streams end with the program, without a mark."""


class CutOff(BaseException):
    """The agent has used up what it had.  No `except Exception` of an agent's swallows it.

    `word`: timed out, out of steps, or budget spent.
    """

    def __init__(self, why: str, *, word: str) -> None:
        super().__init__(why)
        self.word = word


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the agent's own program ended."""

    exit_code: int | None
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The agent's way to its model: the base URL that it is given, and the channel it leads to."""

    url: str
    channel: ModelChannel
    intact: Callable[[], None] = lambda: None
    """Raises `ModelUnreachable` when the way is broken."""


@guard
class Session(Boundary):
    """The agent's side of one trial: a persistent shell behind a gate.

    `artifact` stores bytes and returns their sha256.
    """

    def __init__(
        self,
        task: Task,
        container: Container,
        nemesis: Nemesis,
        history: History,
        artifact: Callable[[bytes], str],
        stop: threading.Event,
        exec_filter: Tree | None = None,
        line: Line | None = None,
    ) -> None:
        self.line = line
        """The way to the agent's model, where it has one at the gateway."""
        self._exec_filter = exec_filter
        self._task = task
        self._container = container
        self._nemesis = nemesis
        self._history = history
        self._artifact = artifact
        self._stop = stop
        self._shell: AgentShell | None = None
        self._watcher = Watcher(container.probes, task.watch)
        self._steps = 0
        self.said_last = False
        self.executed: Callable[[Call], None] | None = None
        """Told of each program that the agent's own process executes, if somebody wants to know."""
        self._untold: list[Call] = []

    @property
    def with_helpers(self) -> bool:
        """Say whether the exec filter is in force."""
        return self._exec_filter is not None

    def open(self) -> None:
        """Open the agent's shell (before hand-over, so that it costs the agent nothing)."""
        self._shell = self._new_shell(self._task.workdir)

    def replay(self, command: str) -> Result:
        """Run a command of a recorded prefix in the agent's own shell, off the record."""
        return self._run(command, self._task.limits.step_seconds, lambda: None)

    def peek(self, script: str, *, apart: bool = True) -> Result:
        """Run a script out of band, as root and off the record; see `Probes.ask`."""
        return self._container.probes.ask(script, apart=apart)

    def hand_over(self) -> None:
        """Start the agent's clock; what strikes at the start has struck."""
        self._watcher.look()
        if self._exec_filter is not None:
            self._exec_filter.settle()  # what the set-up of the shell executed is not the agent's
        self._history.hand_over()

    def do(self, command: str, message: str | None = None) -> Observation:
        """Run one command as the agent; `message` is what it said with it.

        Raises `CutOff` when the task's limits are used up.
        """
        step, left = self.begin(command, message)
        seconds = min(self._task.limits.step_seconds, left)
        result = self._run(command, seconds, self._tick)
        note = self._note(result, seconds)
        seen = Observation(
            stdout=text_of(result.stdout),
            stderr=text_of(result.stderr),
            exit_code=result.exit_code,
            timed_out=result.timed_out,
            note=note,
        )
        return self.finish(step, command, seen, result)

    def begin(self, command: str, message: str | None = None) -> tuple[int, float]:
        """Record that the agent acts, and let the nemesis look before the command runs.

        Return (step, seconds left of the trial).
        """
        left = self.left()
        self._steps += 1
        self._history.add(Action(step=self._steps, command=command, message=message))
        self._nemesis.watch(command)
        return self._steps, left

    def finish(
        self, step: int, command: str, seen: Observation, result: Result | None = None
    ) -> Observation:
        """Record what the agent sees of a step, and look at the fault after it.

        `result` has what only our own shell can tell.
        """
        if self._exec_filter is not None:
            self._pass(self._exec_filter.settle())
        changed = self._record(step, seen, result)
        self._nemesis.look(step, command, changed=changed, output=seen.text)
        self._nemesis.watch()
        return seen

    def record(self, event: Event) -> None:
        """Record something else of the agent's: a tool that is no command, a model's answer."""
        self._history.add(event)

    def keep(self, data: bytes) -> str:
        """Keep bytes among the trial's artifacts; return their sha256, which is their name."""
        return self._artifact(data)

    def log(self, data: bytes, name: str) -> None:
        """Keep something that the agent wrote beside its work."""
        if data:
            self.record(Logged(name=name, artifacts=(self._artifact(data),)))

    def log_file(self, path: str) -> None:
        """Keep a file or folder of the sandbox (a folder, or what is big, as a tar archive)."""
        archive = self._container.probes.get(path)
        single = only_file(archive) if archive is not None else None
        self.log(single[0] if single is not None else archive or b"", path)

    def affected(self, count: int) -> None:
        """Tell the nemesis that its fault had its `count`-th effect on the agent's model."""
        self._nemesis.affected(count)

    @property
    def steps(self) -> int:
        """How many commands there have been."""
        return self._steps

    def say(self, text: str, *, final: bool = True) -> None:
        """Record the agent's own words; the final message carries its claim."""
        self.said_last = self.said_last or final
        self._history.add(Message(text=text, final=final))

    def close(self) -> None:
        """Let go of the shell."""
        if self._shell is not None:
            self._shell.close()
            self._shell = None

    def wait(self, seconds: float) -> None:
        """Let time pass for the agent while the world goes on; `CutOff` at the time limit."""
        deadline = self._history.now() + seconds
        while (left := deadline - self._history.now()) > 0:
            self._tick()
            self.time_left()
            self._stop.wait(min(left, 0.02))

    # --- a program of the agent's own ------------------------------------------------------

    def launch(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        pump: Callable[[], None],
        wakeups: Sequence[socket.socket] = (),
    ) -> Ended:
        """Run the agent's own program in the sandbox, through the gate, until it ends.

        `pump` is called at least every 20 ms, and as soon as a bell rings.  Raises `CutOff` at
        the trial's time limit; what runs on is killed with the rest at the end.
        """
        program = self._container.agent.program(
            command,
            env=env,
            user=self._container.spec.user,
            cwd=self._task.workdir,
            exec_filter=self._exec_filter,
        )
        kept = {channel: Capture(NO_MARK, LOGGED) for channel in (1, 2)}
        try:
            while not program.ended:
                wakeup = (
                    [*wakeups, self._exec_filter.wakeup]
                    if self._exec_filter is not None
                    else list(wakeups)
                )
                for channel, data in program.receive(TICK, wakeup):
                    kept[channel].feed(data)
                self.call_back(pump)
                self._tick()
                self.time_left()
            self.call_back(pump)  # what came while it ended
            for capture in kept.values():
                capture.finish()
            out, err = (kept[channel].kept() for channel in (1, 2))
            self.log(out, "stdout")
            self.log(err, "stderr")
            return Ended(exit_code=program.exit_code(), stdout=text_of(out), stderr=text_of(err))
        finally:
            program.close()
            for capture in kept.values():
                capture.close()

    # --- one command ----------------------------------------------------------------------

    def left(self) -> float:
        """Return the seconds left; `CutOff` when they, or the steps, are used up."""
        limits = self._task.limits
        # A run that is stopped says so first: a trial that was cut off is not played again.
        if self._steps >= limits.steps and not self._stop.is_set():
            why = f"the limit of {limits.steps} steps is used up"
            raise CutOff(why, word="out of steps")
        return self.time_left()

    def time_left(self) -> float:
        """Return the seconds left of the trial; `CutOff` when there are none."""
        limit = self._task.limits.seconds
        if self._stop.is_set():
            raise Cancelled
        left = limit - self._history.now()
        if left <= 0:
            raise CutOff(f"the time limit of {limit:g} s is used up", word="timed out")
        return left

    def _tick(self) -> None:
        if self._stop.is_set():
            raise Cancelled
        if self._exec_filter is not None:
            self._pass(self._exec_filter.take())
            self._tell()
        self._nemesis.watch()

    def _tell(self) -> None:
        """Tell of executions; what is told may bring more of them."""
        while self._untold and self.executed is not None:
            self.call_back(self.executed, self._untold.pop(0))
        self._untold.clear()

    def _pass(self, calls: Sequence[Call]) -> None:
        """Record what the agent's processes execute; show the nemesis what it waits for."""
        for call in calls:
            if call.verb == "exec":
                argv = tuple(word[:ARGUMENT] for word in call.argv[:ARGUMENTS])
                self._history.add(
                    Exec(step=self._steps, argv=argv, pid=call.pid, parent=call.parent)
                )
                # An agent that tells us of no tools (adapter `command`) has as its steps what its
                # own process starts; what those programs start in turn is part of the same step.
                if self._exec_filter is not None and call.parent == self._exec_filter.leader:
                    self._untold.append(call)
            else:
                self._nemesis.at_exec_filter(call)

    def _run(self, command: str, seconds: float, tick: Callable[[], None]) -> Result:
        if self._shell is None:
            self._shell = self._new_shell(self._task.workdir)
        shell, cwd = self._shell, self._task.workdir

        def kill() -> None:
            nonlocal cwd
            cwd = self._cwd(shell.pid) or cwd  # before the kill: the next shell goes on there
            self._container.probes.ask(end_session(shell.pid, shell.last), apart=False)

        result = shell.run(command, seconds=seconds, tick=tick, kill=kill)
        if shell.dead:
            shell.close()
            self._shell = self._new_shell(cwd)
        return result

    def _new_shell(self, cwd: str) -> AgentShell:
        with contextlib.suppress(HarnessError):
            return self._shell_in(cwd)
        with contextlib.suppress(HarnessError):  # the agent may have removed the folder
            return self._shell_in("/")
        # Something that the agent left kills each new shell (`while :; do pkill bash; done`): only
        # a restart of the container ends it.
        self._container.restart()
        return self._shell_in("/")

    def _shell_in(self, cwd: str) -> AgentShell:
        return self._container.agent.shell(
            user=self._container.spec.user,
            cwd=cwd,
            limit=self._task.limits.output,
            exec_filter=self._exec_filter,
        )

    def _cwd(self, pid: int) -> str:
        said = self._container.probes.ask(f"cd -P /proc/{pid}/cwd && pwd -P", seconds=2)
        return said.stdout.decode(errors="replace").strip() if said.exit_code == 0 else ""

    @staticmethod
    def _note(result: Result, seconds: float) -> str:
        if result.timed_out:
            return f"(ended after the time limit of {seconds:.3g} s; a new shell was opened)"
        if result.died:
            return "(the shell ended; a new one was opened)"
        return ""

    def _record(self, step: int, seen: Observation, result: Result | None) -> bool:
        """Record an observation and the state after it; say whether the state changed."""
        state = self._watcher.look()
        self._history.add(
            Observed(
                step=step,
                stdout=seen.stdout,
                stderr=seen.stderr,
                exit_code=seen.exit_code,
                pipestatus=tuple(result.pipestatus)
                if result and result.pipestatus is not None
                else None,
                seconds=round(result.seconds, 4) if result else None,
                timed_out=seen.timed_out,
                died=result.died if result else False,
                cut=result.cut if result else False,
                note=seen.note or None,
                artifacts=tuple(self._artifact(whole) for whole in (result and result.whole) or ()),
                digest=state.digest,
                changed=state.changed,
                paths=tuple(state.paths),
            )
        )
        return state.changed
