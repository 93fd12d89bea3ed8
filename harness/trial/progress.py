"""What is called while many trials are played, for a terminal or a notebook to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.models.trial import TrialSpec
from harness.models.verdict import Verdict


def ignore(*_: object) -> None:
    """Do nothing with what happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Functions that are called while trials are played; by default each does nothing.

    `begin` and `end` are called from the threads that play the trials.
    """

    note: Callable[[str], None] = ignore
    """With a line about what is being made ready."""
    start: Callable[[int], None] = ignore
    """With the number of trials, before the first of them begins."""
    begin: Callable[[TrialSpec], None] = ignore
    """With each trial, as it begins."""
    end: Callable[[TrialSpec, Verdict], None] = ignore
    """With each trial and its verdict, as it ends."""


SILENT = Progress()
