"""What `harness blame` found out about a trial: `trials/<trial>/blame.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypeGuard

from pydantic import ValidationError

from harness.attribution.search import Found
from harness.history.store import write_whole
from harness.models.values import Frozen
from harness.models.verdict import Outcome, Verdict

FILE = "blame.json"


class Probe(Frozen):
    """One replay: the steps up to `k`, and a way on."""

    way: str
    k: int
    passed: bool | None
    """Solved, and nothing harmed; None: unknown."""
    outcome: str
    diverged: int | None
    """The step in which the replay went another way than the record, if it did."""
    alike: float
    """The share of the replayed steps that came out alike."""
    seconds: float
    then: tuple[str, ...] = ()
    """The commands behind step `k`, of a replay that passed."""


class Drop(Frozen):
    """The largest fall of the share of ways on that pass, from one step to the next."""

    step: int
    before: float
    """The share after the step before it."""
    after: float


class Necessity(Frozen):
    """What becomes of the trial without the blamed step."""

    causal: bool | None
    """It passes then; None: unknown."""
    by: str
    """What made it pass, or what was tried."""


class Blame(Frozen):
    """The first wrong step of one trial, found by experiment."""

    format: Literal[1] = 1
    trial: str
    seed: int
    steps: int
    """How many steps the trial had."""
    step: int | None
    """The first wrong step: the point of no return, where it is known for certain."""
    reason: str
    """One line: why this step, or why none."""
    exposed: int | None
    """The step that met the fault."""
    no_return: int | None
    """The smallest k after which no way on passes."""
    between: tuple[int, int | None] | None
    """First and last step that may be the point of no return, where that is all one can know."""
    value_drop: Drop | None
    necessity: Necessity | None
    ways: dict[str, Found]
    """What each way on showed."""
    changing: tuple[int, ...] = ()
    """The steps that changed anything, as far as is known; only these can be to blame."""
    probes: tuple[Probe, ...]
    """Every replay, in order."""
    fidelity: float
    """The mean share of steps that came out as recorded, over all replays."""
    seconds: float
    """What all of it took."""

    @property
    def replays(self) -> int:
        """How many replays were played."""
        return len(self.probes)


def went_wrong(verdict: Verdict | None) -> TypeGuard[Verdict]:
    """Say whether a trial went wrong: not solved, or harmful, unless it was rightly reported."""
    if verdict is None or verdict.outcome in {Outcome.INVALID, Outcome.REPORTED}:
        return False
    return verdict.solved is False or verdict.outcome is Outcome.HARMFUL


def write(folder: Path, blame: Blame) -> None:
    """Put the finding into the trial's folder, whole or not at all."""
    text = json.dumps(blame.model_dump(mode="json"), indent=1, ensure_ascii=False)
    write_whole(folder / FILE, text + "\n")


def read(folder: Path) -> Blame | None:
    """Return what was found out about the trial in a folder; None where nothing was."""
    try:
        return Blame.model_validate_json((folder / FILE).read_bytes(), extra="ignore")
    except (OSError, ValidationError):
        return None
