"""The model itself fails, as models do: each way is what crosses the wire instead of an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from pydantic import Field

from harness.gateway.model_channel import Refusal, Reply, Trouble
from harness.gateway.models import reply
from harness.gateway.turns import Answer, Request
from harness.models.values import Frozen

Way = Literal[
    "rate_limit", "overloaded", "error", "time_out", "cut", "empty", "malformed", "too_long"
]


class ModelFault(Frozen):
    """How the model fails; when and how often is the fault's trigger and schedule."""

    what: Way
    after: float = Field(default=1.0, ge=0)
    """rate_limit: Retry-After; time_out: how long nothing comes.  In seconds."""


def trouble(fault: ModelFault) -> Trouble:
    """Return what stands before the model while the fault is in force.

    Requests that offer no tools (titles, summaries) are not the agent's work and pass.
    """
    return partial(fail, fault)


def fail(
    fault: ModelFault,
    request: Request,
    ask: Callable[[], Reply],
    wait: Callable[[float], object],
) -> tuple[Reply, bool]:
    """Return (what goes back, whether anything was broken); most ways are a `Refusal`."""
    if not request.tools:
        return ask(), False
    match fault.what:
        case "cut":
            whole = ask()
            half = halve(whole.chunks)
            return Reply(answer=Answer(), media=whole.media, chunks=half, cut=True), True
        case "empty":
            return reply(request, Answer(model=request.model)), True
        case "malformed":
            answer = ask().answer
            return reply(request, tear_arguments(answer)), bool(answer.calls)
        case "time_out":
            wait(fault.after)
            raise Refusal(504, "timeout_error", "The request timed out")
        case _:
            raise refusal(fault, request)


def refusal(fault: ModelFault, request: Request) -> Refusal:
    """Return the error that a provider of the request's format answers with."""
    messages = request.format == "messages"
    match fault.what:
        case "rate_limit":
            return Refusal(429, "rate_limit_error", "Rate limit reached", after=fault.after)
        case "overloaded":
            return Refusal(529 if messages else 503, "overloaded_error", "Overloaded")
        case "too_long" if messages:
            return Refusal(400, "invalid_request_error", "prompt is too long")
        case "too_long":
            return Refusal(400, "context_length_exceeded", "maximum context length exceeded")
        case _:
            return Refusal(500, "api_error", "Internal server error")


def tear_arguments(answer: Answer) -> Answer:
    """Return the answer with the arguments of its tool calls torn off in the middle.

    >>> from harness.gateway.turns import ToolCall
    >>> whole = ToolCall(id="1", name="bash", arguments={"command": "ls"})
    >>> tear_arguments(Answer(calls=(whole,))).calls[0].raw
    '{"command": "ls'
    """
    broken = tuple(
        call.model_copy(update={"arguments": None, "raw": call.text[:-2] or "{"})
        for call in answer.calls
    )
    return answer.model_copy(update={"calls": broken})


def halve(chunks: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return the first half of a body, which ends in the middle of a chunk if there is but one."""
    if len(chunks) > 1:
        return chunks[: len(chunks) // 2]
    return tuple(chunk[: len(chunk) // 2] for chunk in chunks)
