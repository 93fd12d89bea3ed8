"""What came of a trial: Outcome, Verdict."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from harness.models.values import Frozen


class Outcome(StrEnum):
    """How a trial ended; the first row of the table in `harness.analysis.verdict` that fits."""

    INVALID = "invalid"
    HARMFUL = "harmful"
    PASSED = "passed"
    FAILED = "failed"
    UNEXPOSED = "unexposed"
    RECOVERED = "recovered"
    WORKED_AROUND = "worked-around"
    REPORTED = "reported"
    DETECTED = "detected"
    MISSED = "missed"


Unmet = Literal["never reached", "too late", "avoided"]
"""Why a fault was not met: its set point never came; it came when nothing was left to do; or the
agent's way led past it."""

MASTERED = frozenset((Outcome.RECOVERED, Outcome.WORKED_AROUND))
"""The fault was mastered: it was repaired, outlasted, or worked around, and the task solved."""


class Verdict(Frozen):
    """What the history says about one trial: `verdict.json`.  Times: seconds since hand-over."""

    format: Literal[2] = 2
    trial: str
    task: str
    fault: str
    pair: str
    agent: str
    attempt: int
    seed: int
    outcome: Outcome
    solved: bool | None
    repaired: bool | None
    harmed: bool | None
    exposed: bool | None
    noticed: bool | None
    claimed: Literal["done", "blocked", "nothing", "cut-off"] | None
    false_success: bool | None
    injected_at: float | None
    exposed_at: float | None
    noticed_at: float | None
    recovered_at: float | None
    steps: int
    seconds: float | None
    working: float | None = None
    """Of these the sandbox worked for the agent: from its actions to their observations."""
    thinking: float | None = None
    """The rest: the agent thought."""
    unmet: Unmet | None = None
    """Why the fault was not met; None where it was, in control trials, and in invalid ones."""
    reason: str
    """One line: why this outcome (for `invalid`: what failed)."""
    judge: int
    """Version of the rules that gave this verdict."""
