"""What passed between the agent and its model, and its tools that are no shell, step by step."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypedDict

from harness.history.events import Logged, ModelCall, ModelError, ToolCall
from harness.history.steps import Exchange, Step


class ExchangeShown(TypedDict):
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
    """What broke it: fault, model or gateway; empty: it is whole."""
    artifacts: list[str]


def before(step: Step) -> list[ExchangeShown]:
    """Return the exchanges before a step; an answer that came with the step is not repeated.

    A model's answer comes before the step that it asks for.
    """
    message = step.action.message or ""
    return [
        each | {"text": ""} if each["text"] == message else each for each in show(step.exchanges)
    ]


def show(exchanges: Iterable[Exchange]) -> list[ExchangeShown]:
    """Return exchanges as the page shows them."""
    return [_show(exchange) for exchange in exchanges]


def _show(event: Exchange) -> ExchangeShown:
    blank = ExchangeShown(
        t=event.t, what=event.what, text="", model="", tokens={}, usd=None, seconds=None, by="",
        artifacts=[],
    )  # fmt: skip
    match event:
        case ModelCall():
            return blank | _answer(event)
        case ModelError():
            code = "" if event.status is None else f"{event.status} "
            kept = [event.request] if event.request else []
            return blank | {"text": f"{code}{event.message}", "by": event.by, "artifacts": kept}
        case ToolCall():
            told = event.raw or "" if event.arguments is None else json.dumps(event.arguments)
            return blank | {"text": f"{event.tool} {told}".strip()}
        case Logged():
            return blank | {"text": event.name, "artifacts": list(event.artifacts)}


def _answer(call: ModelCall) -> ExchangeShown:
    counts = {"prompt": call.prompt, "completion": call.completion, "cached": call.cached}
    return ExchangeShown(
        t=call.t,
        what=call.what,
        text=call.text,
        model=call.model,
        tokens={key: n for key, n in counts.items() if n is not None},
        usd=call.usd,
        seconds=call.seconds,
        by="fault" if call.broken else "",
        artifacts=[name for name in (call.request, call.response) if name],
    )
