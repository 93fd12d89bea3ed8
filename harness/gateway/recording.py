"""A recorded trial as a model: it gives the recorded answers, matched by turn.

A request is known by how many answers it carries, and by whether it offers tools (an agent's
titles and summaries are asked for beside its work).  Of several at one turn the first comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from harness.errors import HarnessError
from harness.gateway import models
from harness.gateway.model_channel import Model, Refusal, Reply
from harness.gateway.turns import Format, Request
from harness.history.events import Event, ModelCall

Key = tuple[int, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One recorded answer."""

    turns: int
    """How many answers its request carried."""
    tools: bool
    """Whether its request offered tools."""
    format: Format
    media: str
    content: bytes
    """The answer's body as it crossed the wire."""


def read_recording(events: Iterable[Event], artifacts: Path) -> list[Recorded]:
    """Read the recorded answers of a trial, but those that a fault broke on their way.

    `HarnessError` if one of them is lost.
    """
    calls = (event for event in events if isinstance(event, ModelCall))
    return [_read_answer(call, artifacts) for call in calls if call.response and not call.broken]


def _read_answer(call: ModelCall, artifacts: Path) -> Recorded:
    path = artifacts / call.response
    try:
        content = path.read_bytes()
    except OSError as error:
        raise HarnessError(f"{path}: a recorded answer is lost: {error.strerror}") from None
    return Recorded(
        turns=call.turn - 1, tools=call.tools, format=cast("Format", call.format),
        media=call.media, content=content,
    )  # fmt: skip


def player(
    recorded: Sequence[Recorded], live: Model | None = None, after: int | None = None
) -> Model:
    """Return a model that gives the recorded answers, each once, the last of a turn again.

    With `live`, turns beyond `after` (None: beyond the recording) go there.  Without it they are
    refused: nothing is made up.
    """
    waiting: dict[Key, list[Recorded]] = {}
    for each in recorded:
        waiting.setdefault((each.turns, each.tools), []).append(each)

    def play(request: Request, raw: bytes) -> Reply:
        beyond = after is not None and request.turns >= after
        found = waiting.get((request.turns, bool(request.tools)))
        if found and not beyond:
            return _again(request, found.pop(0) if len(found) > 1 else found[0])
        if live is not None:
            return live(request, raw)
        why = f"the recording has no answer for turn {request.turns + 1}"
        raise Refusal(410, "recording_over", why)

    return play


def _again(request: Request, known: Recorded) -> Reply:
    """Return a recorded answer, byte for byte where the request is of the same kind."""
    answer = models.read(known.format, known.content, known.media)
    if (known.format, "event-stream" in known.media) != (request.format, request.stream):
        return models.reply(request, answer)
    return Reply(answer=answer, media=known.media, chunks=(known.content,))
