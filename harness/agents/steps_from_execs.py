"""Steps made of executions, for agents that run commands without asking their model for a tool."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from harness.agents.session import Session
from harness.agents.step_output import StepOutput
from harness.containers.sidecars.exec_calls import Call
from harness.errors import HarnessError

Witness = Callable[[str], StepOutput]
"""What is known of how a command ended, asked when the next one has begun, or all are over."""


def unknown(_: str) -> StepOutput:
    """Say that nothing is known of how a command ended."""
    note = "(the output of this agent's commands cannot be seen)"
    return StepOutput(stdout="", stderr="", exit_code=None, note=note)


@contextlib.contextmanager
def steps_of(session: Session, witness: Witness = unknown) -> Iterator[None]:
    """For the length of a `with`, make a step of each program that the agent itself executes."""
    if not session.sees_executions:
        raise HarnessError("an agent that shows only executions needs the exec filter")
    steps = Executions(session, witness)
    session.on_exec = steps.begin
    try:
        yield
    finally:
        session.on_exec = None
    steps.finish()


class Executions:
    """Steps made of executions: one ends when the next begins."""

    def __init__(self, session: Session, witness: Witness) -> None:
        self._session = session
        self._witness = witness
        self._open: tuple[int, str] | None = None

    def begin(self, call: Call) -> None:
        """Make a step of a program that the agent's own process executes."""
        self.finish()
        step, _ = self._session.begin(call.text)
        self._open = (step, call.text)

    def finish(self) -> None:
        """End the step that is open."""
        if self._open is not None:
            step, command = self._open
            self._open = None
            self._session.finish(step, command, self._witness(command))
