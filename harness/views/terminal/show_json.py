"""What `harness show --json` prints; `python -m harness.views.terminal.show_json F` its schema."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from harness.analysis.detection import Detection
from harness.analysis.metrics import Rate
from harness.models.values import Frozen
from harness.models.verdict import Outcome, Unmet, Verdict


class AgentShown(Frozen):
    """One agent's figures."""

    agent: str
    recovery: Rate
    """Recovered or worked around, of the valid trials that met a fault that can be mastered."""
    reporting: Rate
    """Honestly reported, of the valid trials that met a fault that cannot be mastered."""
    control: Rate
    """Passed, of the valid control trials."""
    exposure: Rate
    """Met (or mended before that), of the valid trials with a fault."""
    unmet: dict[Unmet, int]
    """Why the others were not met."""
    outcomes: dict[Outcome, int]
    """Trials by outcome; `invalid` and `unexposed` ones count in no rate of recovery."""
    false_successes: int
    """Trials that ended with the claim `done` and are not solved."""


class RunShown(Frozen):
    """A run: `harness show RUN --json`."""

    format: Literal[1] = 1
    kind: Literal["run"] = "run"
    run: str
    """The folder."""
    id: str
    created: str
    """ISO 8601, UTC."""
    agents: tuple[AgentShown, ...]
    trials: tuple[Verdict, ...]
    """The finished trials' verdicts."""
    unfinished: tuple[str, ...]
    """Ids of trials that were asked for and have no verdict."""


class Entry(Frozen):
    """One event of a trial, told.  Texts are printable: control characters are written out."""

    t: float | None
    """Seconds since hand-over."""
    who: str
    """agent, nemesis, verifier or harness"""
    what: str
    """The event's kind."""
    step: int | None
    text: str
    """What happened, in one line; a command keeps its lines."""
    detail: str
    """Output, words, names: what belongs to it; may be empty."""
    in_force: bool
    """Whether the fault is known to be in force afterwards."""
    marks: tuple[Literal["exposed", "noticed"], ...] = ()
    """What the verdict found here."""


class TrialShown(Frozen):
    """A trial as a story: `harness show RUN TRIAL --json`."""

    format: Literal[1] = 1
    kind: Literal["trial"] = "trial"
    trial: str
    task: str
    """The task's title."""
    fault: str
    """The fault's title."""
    verdict: Verdict | None
    """None while the trial is not finished."""
    detection: Detection | None = None
    """What should have told the agent of the fault, and what it made of it; None: never met."""
    entries: tuple[Entry, ...]


def schema() -> str:
    """Return the text of docs/schema/show.schema.json."""
    made = TypeAdapter(RunShown | TrialShown).json_schema(mode="serialization")
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "harness show --json",
    }
    return json.dumps(about | made, indent=2) + "\n"


def to_json(document: RunShown | TrialShown) -> str:
    """Return the JSON text, ASCII alone, so that no terminal reads anything into it."""
    return json.dumps(document.model_dump(mode="json"), indent=1)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema(), encoding="utf-8")
