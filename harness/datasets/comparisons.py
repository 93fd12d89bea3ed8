"""What is better than what: `preference` and `kto`.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.datasets.chat import action_message, call_message, close_chat, messages, open_chat
from harness.datasets.material import Material
from harness.datasets.mistakes import Mistake, before, mistake
from harness.datasets.records import Kto, Message, Preference


def preference(made: Material, others: Sequence[Material]) -> list[Preference] | str:
    """Return the blamed step against the first step of a way on that passes, from one prefix."""
    found = mistake(made, others)
    if isinstance(found, str):
        return found
    return [
        Preference(
            id=f"{made.spec.trial}#{found.step}",
            provenance=made.provenance,
            detection=made.detection,
            prompt=_prefix(made, found.step),
            chosen=(action_message(found.way[0], found.step),),
            rejected=(_wrong(made, found.step),),
            method=f"{found.method}; {found.source}",
            fidelity=found.fidelity,
        )
    ]


def kto(made: Material, others: Sequence[Material]) -> list[Kto] | str:
    """Return the whole trial with its label, and the blamed step and its correction with theirs."""
    whole = (*messages(made.turns), *close_chat(made))
    records = [_kto(made, made.spec.trial, tuple(open_chat(made)), whole, label=made.exemplary)]
    found = mistake(made, others)
    if isinstance(found, str):
        return records
    return records + _both(made, found)


def _both(made: Material, found: Mistake) -> list[Kto]:
    prefix, name = _prefix(made, found.step), f"{made.spec.trial}#{found.step}"
    right = (action_message(found.way[0], found.step),)
    return [
        _kto(made, f"{name}-", prefix, (_wrong(made, found.step),), label=False, level="step"),
        _kto(made, f"{name}+", prefix, right, label=True, level="step"),
    ]


def _kto(
    made: Material,
    name: str,
    prompt: tuple[Message, ...],
    completion: tuple[Message, ...],
    *,
    label: bool,
    level: str = "trial",
) -> Kto:
    return Kto.model_validate(
        {
            "id": name,
            "provenance": made.provenance,
            "detection": made.detection,
            "prompt": prompt,
            "completion": completion,
            "label": label,
            "level": level,
        }
    )


def _prefix(made: Material, step: int) -> tuple[Message, ...]:
    return (*open_chat(made), *messages(before(made, step)))


def _wrong(made: Material, step: int) -> Message:
    turn = made.turns[step - 1]
    return call_message(turn.command, turn.said, turn.step)
