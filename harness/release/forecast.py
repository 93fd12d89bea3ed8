"""The forecast of a plan: the chance of each verdict, and how many attempts would be needed.

`python -m harness.release.forecast` prints the table in docs/gate.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.models.fault import NOOP
from harness.models.values import Frozen
from harness.release.cells import Cell
from harness.release.policy import FLOOR, MARGIN, Policy, default
from harness.release.power import Chance, Scene, chances, plan_questions, success
from harness.release.questions import Question

WANTED = 0.8
"""the chance that counts as enough"""
NUMBERS = (1, 2, 3, 5, 8, 12, 20)
"""numbers of attempts that are tried"""


class Forecast(Frozen):
    """What `harness plan` says about the gate."""

    compared: bool
    """Whether the policy compares with a baseline."""
    tasks: int
    """Tasks in the plan."""
    least_tasks: int
    """Tasks that a PASS takes, the most demanding rule."""
    table: tuple[Chance, ...]
    """At the planned number of attempts."""
    to_pass: int | None
    """The least number of attempts with which an agent as good as expected passes, with a chance of
    0.8; None: no number of attempts is enough."""
    to_fail: int | None
    """Likewise for an agent that is three margins worse (or as far below the floor) to fail."""
    gaps: tuple[str, ...]
    """What of the baseline the plan lacks, so that it cannot pass."""


def forecast(
    policy: Policy,
    cells: Sequence[Cell],
    old: Sequence[Cell] | None,
    attempts: int,
    expected: float,
) -> Forecast:
    """Return the forecast for planned cells.  `expected` is the old agent's mean success."""
    about = plan_questions(policy, cells, old)
    drops = [rule.max_drop for rule in policy.rules if rule.max_drop is not None]
    scenes = _drops(max(drops), expected) if drops else _levels(policy, expected)

    def chance(scene: tuple[float, float], number: int) -> Chance:
        return chances(about, old, Scene(*scene, number), policy.level)

    table = tuple(chance(scene, attempts) for scene in scenes)
    good, bad = scenes[0], scenes[-1]
    return Forecast(
        compared=bool(drops),
        tasks=len({cell.task for cell in cells}),
        least_tasks=max((q.least_tasks(policy.level) for q in about), default=0),
        table=table,
        to_pass=_least(lambda number: chance(good, number).passes, about, cells),
        to_fail=_least(lambda number: chance(bad, number).fails, about, cells),
        gaps=tuple(dict.fromkeys(gap for question in about for gap in question.gaps)),
    )


def _drops(margin: float, expected: float) -> list[tuple[float, float]]:
    """Return (drop, expected): equal, the margin and half, twice and thrice of it."""
    sizes = (0.0, margin / 2, margin, 2 * margin, 3 * margin)
    return [(min(size, 0.95 * expected), expected) for size in sizes]


def _levels(policy: Policy, expected: float) -> list[tuple[float, float]]:
    """Return (0, success): as expected, at the floor, and as far below it."""
    floors = [
        c.limit if c.kind == "least" else 1 - c.limit for r in policy.rules for c in r.conditions()
    ]
    floor = max(floors, default=FLOOR)
    below = max(0.02, floor - max(3 * MARGIN, expected - floor))
    return [(0.0, expected), (0.0, (expected + floor) / 2), (0.0, floor), (0.0, below)]


def _least(
    reached: Callable[[int], float], about: Sequence[Question], cells: Sequence[Cell]
) -> int | None:
    """Return the first number of attempts that is enough; a deterministic agent needs no second."""
    if not about:
        return None
    numbers = NUMBERS[:1] if all(cell.deterministic for cell in cells) else NUMBERS
    return next((number for number in numbers if reached(number) >= WANTED), None)


# --- the table in docs/gate.md -------------------------------------------------------------

TASKS = (20, 25, 30, 40, 60)
ATTEMPTS = (1, 2, 3, 5, 10)


def row(tasks: int) -> str:
    """Return a row of the table: chance of PASS if equal / of FAIL if 30 points worse."""
    entries = []
    for attempts in ATTEMPTS:
        about = plan_questions(default(baseline=True), _even(tasks), None)
        equal, worse = (
            chances(about, None, Scene(drop, 0.8, attempts), 0.05) for drop in (0.0, 0.3)
        )
        entries.append(f"{equal.passes:.0%} / {worse.fails:.0%}")
    return f"| {tasks} | {' | '.join(entries)} |"


def _even(tasks: int) -> list[Cell]:
    """Return a plan of tasks with two faults and a control each."""
    return [
        success(
            Cell(
                task=f"t{task}",
                pair=pair,
                fault=pair,
                category="any",
                error_type="any",
                agent="any",
                deterministic=False,
                fixable=True,
                digests={},
                judge=0,
                results=(),
            )
        )
        for task in range(tasks)
        for pair in ("one", "two", NOOP)
    ]


if __name__ == "__main__":
    print("\n".join(map(row, TASKS)))
