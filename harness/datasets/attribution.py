"""What was done wrong, and what would have been right: `who-and-when` and `corrections`.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.datasets.material import Material
from harness.datasets.mistakes import NOT_BLAMED, action_of, mistake
from harness.datasets.records import Correction, Turned, WhoAndWhen
from harness.datasets.stepped import solution

SHELL = "Computer_terminal"
"""The party that answers in a history: the name that the judges' prompts know."""


def who_and_when(made: Material, others: Sequence[Material]) -> list[WhoAndWhen] | str:  # noqa: ARG001
    """Return a failed trial as a history, and the place of the first wrong step in it."""
    step = made.blame.step if made.blame else None
    if made.blame is None or step is None:
        return NOT_BLAMED
    history = list(_history(made))
    place = next(n for n, (_, own) in enumerate(history) if own == step)
    return [
        WhoAndWhen(
            id=made.spec.trial,
            provenance=made.provenance,
            detection=made.detection,
            question=made.instruction,
            ground_truth=solution(made),
            history=tuple(entry for entry, _ in history),
            mistake_agent=made.spec.agent.id,
            mistake_step=str(place),
            mistake_reason=made.blame.reason,
            question_ID=f"{made.spec.task.id}+{made.spec.pair}",
        )
    ]


def _history(made: Material) -> Iterator[tuple[Turned, int | None]]:
    """Yield the entries, each act with its step."""
    name = made.spec.agent.id
    for turn in made.turns:
        words = f"{turn.said}\n\n" if turn.said else ""
        act = f"{words}```bash\n{turn.command}\n```"
        yield Turned(role="assistant", name=name, content=act), turn.step
        if turn.answer is not None:
            yield Turned(role="user", name=SHELL, content=turn.answer), None
    if made.final:
        yield Turned(role="assistant", name=name, content=made.final), None


def corrections(made: Material, others: Sequence[Material]) -> list[Correction] | str:
    """Return the mistake with its signal, its evidence and its correction."""
    found = mistake(made, others)
    if isinstance(found, str):
        return found
    first = found.way[0]
    return [
        Correction(
            id=f"{made.spec.trial}#{found.step}",
            provenance=made.provenance,
            detection=made.detection,
            task=made.instruction,
            trajectory=tuple(action_of(turn) for turn in made.turns),
            observations=tuple(turn.answer for turn in made.turns),
            first_wrong_step=found.step,
            error_types=tuple(_errors(made, found.step)),
            why=found.why,
            wrong_action=action_of(made.turns[found.step - 1]),
            corrected_action=first,
            corrected_reasoning=first.message,
            continuation=found.way,
            continuation_from=found.source,
            label_method=found.method,
            fidelity=found.fidelity,
        )
    ]


def _errors(made: Material, step: int) -> Iterator[str]:
    """Yield the errors of the step before the wrong one and of itself."""
    findings = made.errors.findings if made.errors else ()
    for finding in findings[max(0, step - 2) : step]:
        if finding.error_type is not None:
            yield finding.error_type
