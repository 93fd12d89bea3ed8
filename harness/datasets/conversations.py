"""Whole trials to learn from: `sft` and `sharegpt`.  Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from harness.datasets.chat import BASH, arguments, close_chat, messages, open_chat
from harness.datasets.material import Material, Turn
from harness.datasets.mistakes import learns_from
from harness.datasets.records import Said, Sft, ShareGpt

NOT_EXEMPLARY = "nothing to imitate: neither passed, mastered nor rightly reported"
NOTHING_AFTER = "nothing follows the last mistake"


def sft(made: Material, others: Sequence[Material]) -> list[Sft] | str:  # noqa: ARG001
    """Return a trial worth imitating as a chat, its mistakes as context."""
    if not made.exemplary:
        return NOT_EXEMPLARY
    turns, first = made.turns, learns_from(made)
    head = [*open_chat(made), *messages(turns[: first - 1])]
    rest = [*messages(turns[first - 1 :]), *close_chat(made)]
    if not rest:
        return NOTHING_AFTER
    return [
        Sft(
            id=made.spec.trial,
            provenance=made.provenance,
            detection=made.detection,
            messages=(*head, *rest),
            train_from_message_index=len(head),
            tools=(BASH,),
        )
    ]


def sharegpt(made: Material, others: Sequence[Material]) -> list[ShareGpt] | str:  # noqa: ARG001
    """Return a trial worth imitating as a conversation; words beside a call have no place in it."""
    if not made.exemplary:
        return NOT_EXEMPLARY
    first = learns_from(made)
    head = [_say("human", made.instruction), *_calls(made.turns[: first - 1])]
    rest = list(_calls(made.turns[first - 1 :]))
    if made.final:
        rest.append(_say("gpt", made.final))
    if not rest:
        return NOTHING_AFTER
    return [
        ShareGpt(
            id=made.spec.trial,
            provenance=made.provenance,
            detection=made.detection,
            conversations=(*head, *rest),
            train_from_conversation_index=len(head),
            tools=json.dumps([BASH["function"]]),
        )
    ]


def _calls(turns: Sequence[Turn]) -> Iterator[Said]:
    """Yield a call and its answer for each step; what was never answered keeps its place."""
    for turn in turns:
        call = f'{{"name": "bash", "arguments": {arguments(turn.command)}}}'
        yield _say("function_call", call)
        yield _say("observation", turn.answer or "")


def _say(who: str, value: str) -> Said:
    return Said.model_validate({"from": who, "value": value})
