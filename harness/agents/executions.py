"""Steps made of executions, for agents that run commands without asking their model for a tool."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from harness.errors import HarnessError
from harness.sandbox.commandgate import Call
from harness.session import Observation, Session


@contextlib.contextmanager
def steps_of(session: Session) -> Iterator[None]:
    """For the length of a `with`, make a step of each program that the agent itself executes."""
    if not session.gated:
        raise HarnessError("an agent whose commands only the gate can see needs the command gate")
    steps = Executions(session)
    session.executed = steps.began
    try:
        yield
    finally:
        session.executed = None
    steps.ended()


class Executions:
    """Steps made of executions: one ends when the next begins, with an output nobody knows."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open: tuple[int, str] | None = None

    def began(self, call: Call) -> None:
        """Make a step of a program that the agent's own process executes."""
        self.ended()
        step, _ = self._session.begin(call.text)
        self._open = (step, call.text)

    def ended(self) -> None:
        """End the step that is open."""
        if self._open is not None:
            step, command = self._open
            self._open = None
            note = "(the output of this agent's commands cannot be seen)"
            seen = Observation(stdout="", stderr="", exit_code=None, note=note)
            self._session.finish(step, command, seen)
