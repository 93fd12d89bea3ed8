"""What a gate decides on, and what it says: the values, and their JSON Schema.

`python -m harness.release.decision docs/schema/decision.schema.json` writes the schema of
`gate --json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from harness.models.values import Frozen
from harness.release.cells import Cell
from harness.release.questions import Answer


class Finding(Frozen):
    """One thing that was asked, and the answer."""

    rule: str
    asks: str
    answer: Answer
    why: str
    """One line; the reason first."""
    share: float | None = None
    """The mean over the cells, in the new run."""
    before: float | None = None
    """The same in the baseline, for rules that compare."""
    low: float | None = None
    high: float | None = None
    """The interval of the share, or of the change: each end is missed with a chance <= alpha."""
    hits: int | None = None
    trials: int | None = None
    cells: int | None = None
    tasks: int | None = None
    least_tasks: int | None = None
    """With fewer tasks the rule cannot pass."""
    look: tuple[str, ...] = ()
    """Trials to look at."""


class Decision(Frozen):
    """The gate's verdict and everything behind it: `harness gate --json`."""

    format: Literal[1] = 1
    verdict: Answer
    reason: str
    alpha: float
    """The chance of a false PASS, and of a false FAIL, at this look."""
    agents: tuple[str, ...]
    compared: bool
    """Whether there was a baseline."""
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    """Planned trials without a verdict, and cells without a valid one."""
    invalid: tuple[str, ...]
    """Trials that failed for reasons of infrastructure."""
    unexposed: tuple[str, ...]
    """Trials in which the fault was never met: they count neither for nor against."""
    not_comparable: dict[str, tuple[str, ...]]
    """Cell -> the definitions that differ from the baseline's."""
    added: tuple[str, ...]
    """Cells that the baseline lacks."""
    quarantined: dict[str, str]
    """Cell -> why it is left out, and until when."""
    notes: tuple[str, ...]
    """What else one should know."""


class Evidence(NamedTuple):
    """What a gate decides on."""

    new: Sequence[Cell]
    old: Sequence[Cell] | None = None
    """The baseline's cells under the new agents' names; None: no baseline."""
    missing: Sequence[str] = ()
    """Planned trials without a verdict."""
    unplanned: Sequence[str] = ()
    """Trials that the run got after its plan."""
    itself: bool = False
    """The baseline was made of this run, of the same agents."""


def schema() -> str:
    """Return the text of docs/schema/decision.schema.json."""
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "harness gate --json",
    }
    made = Decision.model_json_schema(mode="serialization")
    return json.dumps(about | made, indent=2) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema(), encoding="utf-8")
