"""The agent's own shell, which is there again whenever it has ended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from harness.containers.ports import AgentShell, Container, Launcher
from harness.containers.process_scripts import end_session
from harness.containers.shell import Result
from harness.errors import HarnessError
from harness.models.task import Task


class RenewedShell:
    """A long-lived shell in a container; a command that ends it leaves a new one behind."""

    def __init__(self, task: Task, container: Container, exec_filter: Launcher | None) -> None:
        self._task = task
        self._container = container
        self._exec_filter = exec_filter
        self._shell: AgentShell | None = None

    def open(self) -> AgentShell:
        """Return the shell, opened where the task is to be done if there is none."""
        if self._shell is None:
            self._shell = self._open_near(self._task.workdir)
        return self._shell

    def run(self, command: str, seconds: float, tick: Callable[[], None]) -> Result:
        """Run one command, at most so many seconds; `tick` is called at least every 20 ms."""
        shell, cwd = self.open(), self._task.workdir

        def kill() -> None:
            nonlocal cwd
            cwd = self._cwd(shell.pid) or cwd  # before the kill: the next shell goes on there
            self._container.probes.ask(end_session(shell.pid, shell.last), apart=False)

        result = shell.run(command, seconds=seconds, tick=tick, kill=kill)
        if shell.dead:
            shell.close()
            self._shell = self._open_near(cwd)
        return result

    def close(self) -> None:
        """Let go of the shell."""
        if self._shell is not None:
            self._shell.close()
            self._shell = None

    def _open_near(self, cwd: str) -> AgentShell:
        with contextlib.suppress(HarnessError):
            return self._open_in(cwd)
        with contextlib.suppress(HarnessError):  # the agent may have removed the folder
            return self._open_in("/")
        # Something that the agent left kills each new shell (`while :; do pkill bash; done`): only
        # a restart of the container ends it.
        self._container.restart()
        return self._open_in("/")

    def _open_in(self, cwd: str) -> AgentShell:
        return self._container.agent.shell(
            user=self._container.spec.user,
            cwd=cwd,
            limit=self._task.limits.output,
            exec_filter=self._exec_filter,
        )

    def _cwd(self, pid: int) -> str:
        said = self._container.probes.ask(f"cd -P /proc/{pid}/cwd && pwd -P", seconds=2)
        return said.stdout.decode(errors="replace").strip() if said.exit_code == 0 else ""
