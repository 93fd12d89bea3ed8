"""The agent's steps, put together from its events as they come: the one place that does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from harness.history.events import (
    Action,
    Event,
    Exec,
    Logged,
    ModelCall,
    ModelError,
    Observation,
    Surveyed,
    ToolCall,
)

Exchange = ModelCall | ModelError | ToolCall | Logged
"""What passes between the agent and its model, and its tools that are no shell."""


@dataclass(slots=True, kw_only=True)
class Step:
    """A command and what came back."""

    action: Action
    observation: Observation | None = None
    """None: it still runs, or its end was not written down."""
    execs: list[Exec] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    """What passed between the agent and its model since the step before."""
    survey: Surveyed | None = None

    @property
    def number(self) -> int:
        """From 1."""
        return self.action.step

    @property
    def command(self) -> str:
        """The text of the command."""
        return self.action.command

    @property
    def succeeded(self) -> bool:
        """Say whether its exit code is known to be 0."""
        return self.observation is not None and self.observation.exit_code == 0


def worked(steps: Sequence[Step], now: float, since: float = 0.0) -> float:
    """Return the seconds between two moments in which the sandbox worked for the agent.

    It works from an action to its observation; from there to the next action the agent thinks.
    Steps that run side by side share their seconds.  The end of a step may be missing: it is then
    taken to last until the next one begins, or, for the last one, until now.
    """
    total, counted = 0.0, since
    for step, after in zip_longest(steps, steps[1:]):
        last = after.action.t if after else now
        end = min(step.observation.t if step.observation else last, now)
        total += max(0.0, end - max(step.action.t, counted))
        counted = max(counted, end)
    return total


class Steps:
    """Grows by one event at a time."""

    def __init__(self) -> None:
        self.all: list[Step] = []
        self.waiting: list[Exchange] = []
        """What was exchanged since the last step began."""
        self._numbered: dict[int, Step] = {}

    def get(self, number: int | None) -> Step | None:
        """Return a step by its number."""
        return None if number is None else self._numbered.get(number)

    def add(self, event: Event) -> None:
        """Take in the next event of the history."""
        match event:
            case Action():
                step = Step(action=event, exchanges=self.waiting)
                self.waiting = []
                self.all.append(step)
                self._numbered[event.step] = step
            case ModelCall() | ModelError() | ToolCall() | Logged():
                self.waiting.append(event)
            case Observation() | Exec() | Surveyed():
                self._complete(event)

    def _complete(self, event: Observation | Exec | Surveyed) -> None:
        step = self._numbered.get(event.step)
        match event:
            case _ if step is None:
                return
            case Observation():
                step.observation = step.observation or event
            case Exec():
                step.execs.append(event)
            case Surveyed():
                step.survey = event
