"""What `harness errors --json` prints: the answers to six questions about errors."""

from __future__ import annotations

from typing import Literal

from harness.analysis.metrics import Rate
from harness.models.values import Frozen

Archetype = Literal["steady", "persistent", "brittle", "overwhelmed"]
"""Few errors, overcome; many, overcome; few, not overcome; many, not overcome: as against the
average of all agents."""


class Side(Frozen):
    """The solved trials, or the unsolved ones."""

    trials: int
    errors: int
    errors_per_trial: float | None
    recovery: Rate
    """Overcome, of the errors."""


class Profile(Frozen):
    """One agent with one model."""

    agent: str | None
    model: str | None
    trials: int
    errors: int
    errors_per_trial: float
    recovery: Rate
    fatal: Rate
    """Fatal, of the errors of trials whose outcome is known."""
    archetype: Archetype | None
    """None where there is nothing to compare with, or no error."""


class Landmark(Frozen):
    """One category: how frequent, how recoverable, how deadly."""

    category: str
    name: str
    errors: int
    share: float
    """Of all errors."""
    recovery: Rate
    fatal: Rate


class Fix(Frozen):
    """What came between an error and its end, and a command that did it."""

    kind: str
    times: int
    """Of the recoveries from this type."""
    example: str


class TypeShown(Frozen):
    """One error type, with a verbatim example and what mended it most often."""

    error_type: str
    category: str
    errors: int
    recovery: Rate
    fatal: Rate
    steps_to_recover: float | None
    """Median, of those that were overcome."""
    example: str | None
    """A line of an output."""
    trajectory: str
    step: int
    """Where the example is from."""
    fixes: tuple[Fix, ...]


class TaskShown(Frozen):
    """One task: the errors of all agents at it."""

    task: str | None
    trials: int
    agents: int
    errors: int
    errors_per_trial: float
    agents_with_errors: int
    solved: Rate
    """Of the trials whose outcome is known."""


class Insights(Frozen):
    """What `harness errors --json` prints."""

    format: Literal[1] = 1
    trials: int
    steps: int
    errors: int
    recovery: Rate
    solved: Side
    unsolved: Side
    gap: float | None
    """Recovery in solved trials less that in unsolved ones, in percentage points."""
    profiles: tuple[Profile, ...]
    categories: tuple[Landmark, ...]
    """The most frequent first."""
    types: tuple[TypeShown, ...]
    """The least recoverable first."""
    tasks: tuple[TaskShown, ...]
    """The hardest first: by errors a trial."""
    problems: tuple[str, ...] = ()
    """What could not be read, with its place."""
