"""The agent's own way into a running container: a shell, or a program, under the exec filter."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from harness.containers.archive import tarball
from harness.containers.ports import Launcher, Probes
from harness.containers.programs import BASH, START_SECONDS, Program, Programs
from harness.containers.shell import Shell
from harness.containers.stream import Deadline
from harness.errors import SandboxError


class DockerChannel:
    """`ports.AgentChannel` by programs that the engine starts; `probes` carry the launcher."""

    def __init__(self, programs: Programs, probes: Probes) -> None:
        self._programs, self._probes = programs, probes

    def shell(
        self,
        *,
        user: str = "root",
        cwd: str = "/",
        limit: int = 1 << 20,
        exec_filter: Launcher | None = None,
    ) -> Shell:
        """Open a long-lived bash as `user` in `cwd`; under the exec filter if one is given."""
        opened = self._start(BASH, {}, user, cwd, exec_filter, stdin=True)
        wakeups = [exec_filter.wakeup] if exec_filter is not None else []
        try:
            return Shell(opened.stream, alive=opened.state, limit=limit, wakeups=wakeups)
        except SandboxError:
            opened.close()
            raise

    def program(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        user: str,
        cwd: str,
        exec_filter: Launcher | None = None,
    ) -> Program:
        """Start a program, attached; under the exec filter if one is given."""
        return self._start(command, env, user, cwd, exec_filter, stdin=False)

    def _start(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        user: str,
        cwd: str,
        exec_filter: Launcher | None,
        *,
        stdin: bool,
    ) -> Program:
        if exec_filter is None:
            return self._programs.start(command, env=env, user=user, cwd=cwd, stdin=stdin)
        self._probes.put(tarball({exec_filter.path: (exec_filter.launcher, 0o755)}))
        words = [*exec_filter.command, *command]
        program = self._programs.start(words, env=env, user=user, cwd=cwd, stdin=stdin)
        try:
            self._hand_over(exec_filter, program)
        except SandboxError:
            program.close()
            raise
        return program

    def _hand_over(self, exec_filter: Launcher, program: Program) -> None:
        """Put a launcher that waits under the filter; its file is gone before the program is."""
        deadline = Deadline(START_SECONDS)
        while not (pid := program.pid()):
            if deadline.passed():
                raise SandboxError(f"{self._programs.name}: the launcher does not start")
            time.sleep(0.02)
        exec_filter.hold(pid)
        self._probes.ask(f"rm -f {exec_filter.path}")
        exec_filter.release()
