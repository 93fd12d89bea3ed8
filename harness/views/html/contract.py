"""What the pages are given of a run: one JSON document.  A trial's picture is `lane.Lane`."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from harness.models.fault import Resolution
from harness.views.html.answer import Answer
from harness.views.html.grid import Field
from harness.views.html.origins import Origin

Json = dict[str, Any]
"""A document that another module describes."""


class RunFacts(TypedDict):
    """The run's folder."""

    name: str
    path: str
    id: str
    created: str
    """ISO 8601, UTC."""
    version: str
    platform: str
    running: bool


class TaskShown(TypedDict):
    """What the agents had to do."""

    title: str
    instruction: str
    sandbox: str
    protect: list[str]
    limits: Json
    """steps, seconds"""


class PairShown(TypedDict):
    """A fault as one task has it."""

    task: str
    pair: str
    fault: str
    title: str
    category: str
    error_type: str
    resolution: Resolution
    explicit: bool
    """Whether it prints an error."""
    when: str
    """Its trigger, in words."""
    schedule: str
    """How long it stays, in words."""
    mechanism: str
    scripts: dict[str, str | None]
    """inject, present, need, heal"""
    fix: list[str]
    workaround: list[str]
    declared: bool
    """False: the task does not declare this fault."""


class Unfinished(TypedDict):
    """A trial without a verdict; those that have not begun are known by their id alone."""

    trial: str
    begun: bool
    task: NotRequired[str]
    pair: NotRequired[str]
    agent: NotRequired[str]
    attempt: NotRequired[int]


class Funnel(TypedDict):
    """How far an agent got with the faults it met.  Rates are `harness show --json`'s."""

    agent: str
    met: int
    noticed: Json
    mastered: Json
    lost: Json
    """Not solved under the fault, of the valid trials whose control was solved."""


class Survival(TypedDict):
    """How long an agent takes to recover (Kaplan-Meier); times in seconds since the exposure."""

    agent: str
    trials: int
    recovered: int
    median: float | None
    curve: list[tuple[float, float, int]]
    """Time, share that had not recovered, trials that were still waiting before it."""
    censored: list[float]
    longest: float


class TaskErrors(TypedDict):
    """How many errors an agent met at a task."""

    task: str
    agent: str
    errors: int


class RunPage(TypedDict):
    """What stands in verdicts and specs."""

    format: int
    run: RunFacts
    answer: Answer
    agents: list[Json]
    """As in `harness show --json`."""
    tasks: dict[str, TaskShown]
    pairs: dict[str, PairShown]
    """By `task+pair`."""
    trials: list[Json]
    """Verdicts, with to_notice, to_recover (seconds), control (a trial) and control_solved."""
    unfinished: list[Unfinished]
    cells: dict[str, list[Field]]
    """By what a row is: pair, fault, task, category."""
    survival: list[Survival]
    funnel: list[Funnel]


class Page(RunPage):
    """The whole document."""

    origins: list[Origin]
    insights: Json
    """`harness errors --json`"""
    task_errors: list[TaskErrors]
    compared: Json | None
    """`harness compare --json`, beside a baseline."""


class FilePage(Page):
    """The document in a file that stands alone."""

    limit: int
    """Characters that a text has at most; `harness view` has whole ones."""
