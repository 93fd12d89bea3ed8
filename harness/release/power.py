"""What a gate is likely to say, before anything runs: its own rules, put to simulated trials.

The old agent's success differs from task to task (logit-normal with the standard deviation
`SPREAD`) around an expected mean; where a baseline is at hand, each cell has the success that it
showed there, drawn towards the mean by one trial.  The new agent lacks the stated share of it: one
half everywhere alike, one half by tasks that break altogether.  What a metric counts goes well in a
trial when the trial does.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from harness.analysis.clustered import Counted, Couple
from harness.analysis.stats import normal
from harness.analysis.verdict import JUDGE
from harness.models.trial import TrialSpec
from harness.models.values import Frozen
from harness.models.verdict import Outcome
from harness.release import questions
from harness.release.cells import Cell, Key, Result, gather_cells
from harness.release.matching import pair_cells
from harness.release.policy import Policy
from harness.release.questions import Answer, Question, Rows, answers, together

SPREAD = 1.5
ROUNDS = 300


class Scene(NamedTuple):
    """An assumed truth."""

    drop: float
    """How far the new agent's success lies below the old one's; 0.15 is 15 points."""
    expected: float
    """The old agent's mean success."""
    attempts: int


class Chance(Frozen):
    """How often the gate would say what."""

    drop: float
    expected: float
    attempts: int
    passes: float
    fails: float
    open: float


def plan_cells(specs: Sequence[TrialSpec]) -> list[Cell]:
    """Return the cells of a plan, all successful, for the rules to select from."""
    return [success(cell) for cell in gather_cells({spec.trial: spec for spec in specs}, {})]


def success(cell: Cell) -> Cell:
    """Return the cell with one successful attempt."""
    mastered = Outcome.RECOVERED if cell.fixable else Outcome.REPORTED
    result = Result(
        attempt=1,
        seed=0,
        outcome=Outcome.PASSED if cell.control else mastered,
        exposed=None if cell.control else True,
        noticed=None if cell.control else True,
        false_success=False,
    )
    return cell.model_copy(update={"judge": JUDGE, "results": (result,)})


def plan_questions(
    policy: Policy, cells: Sequence[Cell], old: Sequence[Cell] | None
) -> list[Question]:
    """Return the policy's questions to a plan; without a baseline, one just like it is assumed."""
    pairing = pair_cells(cells, cells if old is None else old, policy.pins)
    if old is None:
        pairing = pairing._replace(common=[(cell, cell) for cell in cells], changed=[])
    elif policy.not_comparable == "skip":
        pairing = pairing._replace(changed=[])
    return [q for rule in policy.rules for q in questions.questions(rule, cells, pairing)]


def chances(
    about: Sequence[Question], known: Sequence[Cell] | None, scene: Scene, alpha: float
) -> Chance:
    """Return how often the gate says what; `known` is the baseline.

    The same arguments give the same answer.
    """
    chance = random.Random(f"{scene}")
    cells = list({cell.key: cell for question in about for cell in question.cells}.values())
    before = {cell.key: _count(cell) for cell in known or ()}
    said = []
    for _ in range(ROUNDS):
        drawn = _draw(cells, before, scene, chance)
        said.append(together(answers([replace(q, rows=_rows(q, drawn)) for q in about], alpha)))
    share = {answer: said.count(answer) / ROUNDS for answer in Answer}
    return Chance(
        **scene._asdict(),
        passes=share[Answer.PASS],
        fails=share[Answer.FAIL],
        open=share[Answer.INCONCLUSIVE],
    )


def _count(cell: Cell) -> Counted:
    metric = "passing" if cell.control else "mastery"
    if not cell.count(metric).trials:
        return Counted(cell.task, 0.0, 0)
    return questions.count_cell(cell, metric)


def _rows(question: Question, drawn: dict[Key, Couple]) -> Rows:
    """Return what a question would see of simulated trials."""
    couples = tuple(drawn[cell.key] for cell in question.cells)
    match question.condition.kind:
        case "drop":
            return couples
        case "least":
            return tuple(Counted(c.task, c.new, c.new_trials) for c in couples)
        case "most":
            return tuple(Counted(c.task, 1 - c.new, c.new_trials) for c in couples)


def _draw(
    cells: Sequence[Cell], before: dict[Key, Counted], scene: Scene, chance: random.Random
) -> dict[Key, Couple]:
    """Return one simulated outcome of all cells."""
    centre = _centre(scene.expected)
    kept = (scene.expected - scene.drop) / (scene.expected - scene.drop / 2)
    level: dict[str, tuple[float, float]] = {}
    drawn = {}
    for cell in cells:
        if cell.task not in level:
            broken = chance.random() < scene.drop / 2 / scene.expected
            usual = 1 / (1 + math.exp(-centre - chance.gauss(0, SPREAD)))
            level[cell.task] = usual, 0.0 if broken else kept
        usual, keeps = level[cell.task]
        drawn[cell.key] = _couple(cell, before.get(cell.key), usual, keeps, scene, chance)
    return drawn


def _couple(
    cell: Cell,
    known: Counted | None,
    usual: float,
    keeps: float,
    scene: Scene,
    chance: random.Random,
) -> Couple:
    """Return a cell's simulated results; a deterministic agent repeats what it does not lose."""
    trials = 1 if cell.deterministic else scene.attempts
    if known is None or not known.trials:
        truth = usual
        known = Counted(cell.task, _share(chance, usual, trials), trials)
    else:
        truth = (known.share * known.trials + scene.expected) / (known.trials + 1)
    if cell.deterministic:
        new = known.share if chance.random() < keeps else 0.0
    else:
        new = _share(chance, truth * keeps, trials)
    return Couple(cell.task, new, trials, known.share, known.trials)


def _share(chance: random.Random, rate: float, trials: int) -> float:
    return sum(chance.random() < rate for _ in range(trials)) / trials


@lru_cache
def _centre(expected: float) -> float:
    """Return the logit around which tasks of this spread have the expected mean success."""
    steps = [SPREAD * normal((i + 0.5) / 200) for i in range(200)]
    low, high = -20.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        mean = sum(1 / (1 + math.exp(-middle - step)) for step in steps) / len(steps)
        low, high = (middle, high) if mean < expected else (low, middle)
    return low
