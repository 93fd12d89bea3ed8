"""Which steps were right: `stepwise` and `prm800k`.  Pure.

A step is right if some way on still passes behind it.  In a trial that was mastered that is every
step, for its own rest passes; in a blamed one, those before the first wrong step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.datasets.material import Material
from harness.datasets.mistakes import NOT_BLAMED, Mistake, mistake, right_until
from harness.datasets.records import Label, Prm800k, Question, Rated, RatedStep, Stepwise


def stepwise(made: Material, others: Sequence[Material]) -> list[Stepwise] | str:  # noqa: ARG001
    """Return the steps with their labels."""
    right = right_until(made)
    if right is None:
        return NOT_BLAMED
    return [
        Stepwise(
            id=made.spec.trial,
            provenance=made.provenance,
            detection=made.detection,
            prompt=made.instruction,
            completions=tuple(turn.command for turn in made.turns),
            labels=tuple(n <= right for n in range(1, len(made.turns) + 1)),
        )
    ]


def prm800k(made: Material, others: Sequence[Material]) -> list[Prm800k] | str:
    """Return the steps rated, up to the first wrong one with its correction beside it."""
    right = right_until(made)
    if right is None:
        return NOT_BLAMED
    found = None if made.exemplary else mistake(made, others)
    known = None if isinstance(found, str) else found
    seconds = made.verdict.seconds if made.verdict else None
    return [
        Prm800k(
            id=made.spec.trial,
            provenance=made.provenance,
            detection=made.detection,
            labeler="outcome of the trial" if made.exemplary else "replays",
            timestamp=str(made.run.get("created") or ""),
            question=Question(problem=made.instruction, ground_truth_answer=solution(made)),
            label=Label(
                steps=tuple(_rate(made, right, known)),
                total_time=round(1000 * (seconds or 0)),
                finish_reason="solution" if right == len(made.turns) else "found_error",
            ),
        )
    ]


def _rate(made: Material, right: int, found: Mistake | None) -> Iterator[RatedStep]:
    for turn in made.turns[:right]:
        yield RatedStep(completions=(Rated(text=turn.command, rating=1),), chosen_completion=0)
    for turn in made.turns[right : right + 1]:
        wrong = Rated(text=turn.command, rating=-1)
        better = (Rated(text=found.way[0].command, rating=1),) if found else ()
        chosen = 1 if better else None
        yield RatedStep(completions=(wrong, *better), chosen_completion=chosen)


def solution(made: Material) -> str:
    """Return the task's own solution."""
    return "\n".join(made.spec.task.solution)
