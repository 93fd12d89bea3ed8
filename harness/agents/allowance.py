"""What an agent may still use: the steps and seconds of its task, and the operator's patience."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from harness.containers.shell import TICK
from harness.models.task import Limits


class CutOff(BaseException):
    """The agent has used up what it had.  No `except Exception` of an agent's swallows it.

    `word`: timed out, out of steps, or budget spent.
    """

    def __init__(self, why: str, *, word: str) -> None:
        super().__init__(why)
        self.word = word


class Cancelled(BaseException):
    """The operator stopped the run."""


class StopSignal(Protocol):
    """What the operator stops a run with (a `threading.Event` is one), and all that may wait."""

    def is_set(self) -> bool:
        """Say whether the run shall stop."""

    def wait(self, timeout: float) -> bool:
        """Let so many seconds pass, fewer if the run shall stop; say whether it shall."""


class Allowance:
    """The limits of one trial.  `now` returns the seconds since hand-over."""

    def __init__(self, limits: Limits, now: Callable[[], float], stop: StopSignal) -> None:
        self._limits = limits
        self._now = now
        self._stop = stop

    def check_stop(self) -> None:
        """Raise `Cancelled` if the run shall stop."""
        if self._stop.is_set():
            raise Cancelled

    def left(self, steps: int) -> float:
        """Return the seconds left after so many steps; `CutOff` where either is used up."""
        limit = self._limits.steps
        # A run that is stopped says so first: a trial that was cut off is not played again.
        if steps >= limit and not self._stop.is_set():
            raise CutOff(f"the limit of {limit} steps is used up", word="out of steps")
        return self.time_left()

    def time_left(self) -> float:
        """Return the seconds left of the trial; `CutOff` when there are none."""
        self.check_stop()
        limit = self._limits.seconds
        left = limit - self._now()
        if left <= 0:
            raise CutOff(f"the time limit of {limit:g} s is used up", word="timed out")
        return left

    def wait(self, seconds: float, tick: Callable[[], None]) -> None:
        """Let time pass, and call `tick` at least every 20 ms; `CutOff` at the time limit."""
        deadline = self._now() + seconds
        while (left := deadline - self._now()) > 0:
            tick()
            self.time_left()
            self._stop.wait(min(left, TICK))
