"""What an agent can do: run commands, one a step, and speak.  Each passes the nemesis here."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence

from harness.agents.agent_shell import RenewedShell
from harness.agents.allowance import Allowance, StopSignal
from harness.agents.boundary import Boundary, guard
from harness.agents.launching import LogKeeper, ModelEndpoint, ProgramEnd, attend
from harness.agents.step_output import StepOutput, observe, show
from harness.containers.ports import Container
from harness.containers.shell import Result
from harness.containers.sidecars.exec_calls import Call
from harness.containers.sidecars.exec_filter import Tree
from harness.containers.state import Watcher
from harness.history.events import Action, Event, Exec, Message
from harness.history.writer import History
from harness.injection.nemesis import Nemesis
from harness.models.task import Task

ARGUMENTS, ARGUMENT = 64, 2000
"""How many words of an execution are recorded, and how many characters of each."""


@guard
class Session(Boundary):
    """The agent's side of one trial: a persistent shell whose every command the nemesis sees first.

    `artifact` stores bytes and returns their sha256.
    """

    def __init__(
        self,
        task: Task,
        container: Container,
        nemesis: Nemesis,
        history: History,
        artifact: Callable[[bytes], str],
        stop: StopSignal,
        exec_filter: Tree | None = None,
        endpoint: ModelEndpoint | None = None,
    ) -> None:
        self.endpoint = endpoint
        """The way to the agent's model, where it has one at the gateway."""
        self.spoke_last = False
        """It has said its final message."""
        self.on_exec: Callable[[Call], None] | None = None
        """Called with each program that the agent's own process executes, if set."""
        self._task = task
        self._container = container
        self._nemesis = nemesis
        self._history = history
        self._artifact = artifact
        self._exec_filter = exec_filter
        self._allowance = Allowance(task.limits, history.now, stop)
        self._shell = RenewedShell(task, container, exec_filter)
        self._watcher = Watcher(container.probes, task.watch)
        self._logs = LogKeeper(history, artifact)
        self._steps = 0
        self._pending_execs: list[Call] = []

    # --- before the agent's time ----------------------------------------------------------

    def open(self) -> None:
        """Open the agent's shell (before hand-over, so that it costs the agent nothing)."""
        self._shell.open()

    def replay(self, command: str) -> Result:
        """Run a command of a recorded prefix in the agent's own shell, off the record."""
        return self._shell.run(command, self._task.limits.step_seconds, lambda: None)

    def hand_over(self) -> None:
        """Start the agent's clock; what is injected at the start already is."""
        self._watcher.look()
        if self._exec_filter is not None:
            self._exec_filter.settle()  # what the set-up of the shell executed is not the agent's
        self._history.hand_over()

    def close(self) -> None:
        """Let go of the shell."""
        self._shell.close()

    # --- steps ----------------------------------------------------------------------------

    @property
    def steps(self) -> int:
        """How many commands there have been."""
        return self._steps

    @property
    def sees_executions(self) -> bool:
        """Say whether the exec filter is in force."""
        return self._exec_filter is not None

    def do(self, command: str, message: str | None = None) -> StepOutput:
        """Run one command as the agent; `message` is what it said with it.

        Raises `CutOff` when the task's limits are used up.
        """
        step, left = self.begin(command, message)
        seconds = min(self._task.limits.step_seconds, left)
        result = self._shell.run(command, seconds, self._tick)
        return self.finish(step, command, show(result, seconds), result)

    def begin(self, command: str, message: str | None = None) -> tuple[int, float]:
        """Record that the agent acts, and let the nemesis look before the command runs.

        Return (step, seconds left of the trial).
        """
        left = self._allowance.left(self._steps)
        self._steps += 1
        if (company := self._nemesis.target.company) is not None:
            company.before_step(self._steps)
        self._history.add(Action(step=self._steps, command=command, message=message))
        self._nemesis.watch(command)
        return self._steps, left

    def finish(
        self, step: int, command: str, output: StepOutput, result: Result | None = None
    ) -> StepOutput:
        """Record what the agent sees of a step, and look at the fault after it.

        `result` has what only our own shell can tell.
        """
        if self._exec_filter is not None:
            self._take_in(self._exec_filter.settle())
        state = self._watcher.look()
        self._history.add(observe(step, output, result, state, self._artifact))
        self._nemesis.look(step, command, changed=state.changed, output=output.text)
        self._nemesis.watch()
        return output

    def say(self, text: str, *, final: bool = True) -> None:
        """Record the agent's own words; the final message carries its claim."""
        self.spoke_last = self.spoke_last or final
        self._history.add(Message(text=text, final=final))

    def time_left(self) -> float:
        """Return the seconds left of the trial; `CutOff` when there are none."""
        return self._allowance.time_left()

    def wait(self, seconds: float) -> None:
        """Let time pass for the agent while the world goes on; `CutOff` at the time limit."""
        self._allowance.wait(seconds, self._tick)

    # --- beside the steps -----------------------------------------------------------------

    def peek(self, script: str, *, apart: bool = True) -> Result:
        """Run a script out of band, as root and off the record; see `Probes.ask`."""
        return self._container.probes.ask(script, apart=apart)

    def record(self, event: Event) -> None:
        """Record something else of the agent's: a tool that is no command, a model's answer."""
        self._history.add(event)

    def keep(self, data: bytes) -> str:
        """Keep bytes among the trial's artifacts; return their sha256, which is their name."""
        return self._artifact(data)

    def log(self, data: bytes, name: str) -> None:
        """Keep something that the agent wrote beside its work."""
        self._logs.keep(data, name)

    def log_file(self, path: str) -> None:
        """Keep a file or folder of the sandbox (a folder, or what is big, as a tar archive)."""
        self._logs.keep_file(self._container.probes, path)

    def count_effect(self, count: int) -> None:
        """Tell the nemesis that its fault had its `count`-th effect on the agent's model."""
        self._nemesis.count_effect(count)

    def launch(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        pump: Callable[[], None],
        wakeups: Sequence[socket.socket] = (),
    ) -> ProgramEnd:
        """Run the agent's own program in the sandbox, under the exec filter, until it ends.

        `pump` is called at least every 20 ms, and as soon as something wakes it up.  Raises
        `CutOff` at the trial's time limit; what runs on is killed with the rest at the end.
        """
        program = self._container.agent.program(
            command,
            env=env,
            user=self._container.spec.user,
            cwd=self._task.workdir,
            exec_filter=self._exec_filter,
        )
        own = [self._exec_filter.wakeup] if self._exec_filter is not None else []

        def tick() -> None:
            self.call_back(pump)
            self._tick()
            self.time_left()

        end = attend(program, [*wakeups, *own], tick, self._logs)
        self.call_back(pump)  # what came while it ended
        return end

    # --- the world goes on ----------------------------------------------------------------

    def _tick(self) -> None:
        self._allowance.check_stop()
        if self._exec_filter is not None:
            self._take_in(self._exec_filter.take())
            self._report_execs()
        self._nemesis.watch()

    def _report_execs(self) -> None:
        """Report the agent's own executions; a report may bring more of them."""
        while self._pending_execs and self.on_exec is not None:
            self.call_back(self.on_exec, self._pending_execs.pop(0))
        self._pending_execs.clear()

    def _take_in(self, calls: Sequence[Call]) -> None:
        """Record what the agent's processes execute; show the nemesis what it waits for."""
        for call in calls:
            if call.verb != "exec":
                self._nemesis.at_exec_filter(call)
                continue
            argv = tuple(word[:ARGUMENT] for word in call.argv[:ARGUMENTS])
            self._history.add(
                Exec(step=self._steps, argv=argv, cwd=call.cwd, pid=call.pid, parent=call.parent)
            )
            # An agent that tells us of no tools (adapter `command`) has as its steps what its own
            # process starts; what those programs start in turn is part of the same step.
            if self._exec_filter is not None and call.parent == self._exec_filter.leader:
                self._pending_execs.append(call)
