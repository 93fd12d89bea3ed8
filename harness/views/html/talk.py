"""What passed between the agent and its model, and its tools that are no shell, step by step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypedDict

from harness.history.reading import Log, names, number, text, truth

if TYPE_CHECKING:
    from harness.history.history import Event

WORDS = ("asked", "unanswered", "uses", "logged")
"""The kinds of the agent's events that are told here."""

COUNTED = ("prompt", "completion", "cached")


class Word(TypedDict):
    """One exchange with the model, or one use of a tool."""

    t: float | None
    what: str
    text: str
    """The answer; what came instead of one; the tool and its arguments; the log's name."""
    model: str
    tokens: dict[str, int]
    """prompt, completion, cached: those that are known."""
    usd: float | None
    seconds: float | None
    """How long the model took."""
    by: str
    """Who broke it: fault, model or gateway; empty if nobody."""
    artifacts: list[str]


def talk(log: Log) -> tuple[dict[float | None, list[Word]], list[Word]]:
    """Return what was said before each step, and what after the last.

    A model's answer comes before the step that it asks for.
    """
    before: dict[float | None, list[Word]] = {}
    waiting: list[Word] = []
    for event in log.events:
        if event.get("who") != "agent":
            continue
        if event.get("what") in WORDS:
            waiting.append(_word(event))
        if event.get("what") == "acts":
            before[number(event, "step")] = _once(waiting, text(event, "message"))
            waiting = []
    return before, waiting


def _once(words: list[Word], message: str) -> list[Word]:
    """Return the words; an answer that came with the step is not repeated."""
    return [word | {"text": ""} if word["text"] == message else word for word in words]


def _word(event: Event) -> Word:
    broken = "fault" if truth(event, "broken") else ""
    kept = (text(event, key) for key in ("request", "response"))
    counts = {key: number(event, key) for key in COUNTED}
    return Word(
        t=number(event, "t"),
        what=text(event, "what"),
        text=_text(event),
        model=text(event, "model"),
        tokens={key: int(n) for key, n in counts.items() if n is not None},
        usd=number(event, "usd"),
        seconds=number(event, "seconds"),
        by=text(event, "by") or broken,
        artifacts=[name for name in (*kept, *(names(event, "artifacts") or [])) if name],
    )


def _text(event: Event) -> str:
    match event.get("what"):
        case "unanswered":
            status = number(event, "status")
            code = "" if status is None else f"{status:.0f} "
            return f"{code}{text(event, 'message')}"
        case "uses":
            arguments = event.get("arguments")
            told = text(event, "raw") if arguments is None else json.dumps(arguments)
            return f"{text(event, 'tool')} {told}".strip()
        case "logged":
            return text(event, "name")
    return text(event, "text")
