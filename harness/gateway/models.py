"""Models behind the gateway: a script, a recording, or a provider whose key stays on the host."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from harness.errors import InputError
from harness.gateway import wire, write
from harness.gateway.desk import Model, Refusal, Reply
from harness.gateway.scenario import Scenario, player
from harness.gateway.turn import Answer, Request
from harness.models import Value


def reply(request: Request, answer: Answer) -> Reply:
    """Return an answer in the request's format, streamed if it asks for that."""
    if request.stream:
        blocks = write.stream(request.format, answer, request.turns + 1)
        chunks = tuple(block.encode() for block in blocks)
        return Reply(answer=answer, media="text/event-stream", chunks=chunks)
    body = write.whole(request.format, answer, request.turns + 1)
    return Reply(answer=answer, chunks=(json.dumps(body).encode(),))


def scripted(scenario: Scenario) -> Model:
    """Return a model that plays a scenario."""
    play = player(scenario)
    return lambda request, _: reply(request, play(request))


def recorded(answers: Sequence[Answer], then: Model | None = None) -> Model:
    """Return a model that gives recorded answers, matched by turn; after them it is `then`.

    Without `then` a turn beyond the recording is refused: nothing is made up.
    """

    def play(request: Request, raw: bytes) -> Reply:
        if request.turns < len(answers):
            return reply(request, answers[request.turns])
        if then is None:
            raise Refusal(410, "recording_over", f"the recording has {len(answers)} answers")
        return then(request, raw)

    return play


class Provider(Value):
    """A model behind HTTP.  The key is read from the environment of the harness, never stored."""

    base_url: str
    """Up to and without `/v1`."""
    key_env: str
    """Name of the environment variable that holds the key."""
    model: str | None = None
    """Asked for instead of what the agent names."""
    seconds: float = Field(default=600, gt=0)
    """How long an answer may take."""


def provided(provider: Provider) -> Model:
    """Return a model that asks a provider."""
    import httpx  # noqa: PLC0415 - an extra

    paths = {form: path for path, form in wire.PATHS.items()}

    def ask(request: Request, raw: bytes) -> Reply:
        key = os.environ.get(provider.key_env, "")
        body = json.loads(raw)
        if provider.model is not None:
            body["model"] = provider.model
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        if request.format == "messages":
            headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
        try:
            got = httpx.post(
                provider.base_url + paths[request.format],
                json=body,
                headers=headers,
                timeout=provider.seconds,
            )
        except httpx.HTTPError as error:
            raise Refusal(502, "model_unreachable", f"{type(error).__name__}") from None
        if got.status_code >= 400:  # noqa: PLR2004 - HTTP
            raise Refusal(got.status_code, "model_error", got.text[:2000])
        return _read(request, got.content, got.headers.get("content-type", ""))

    return ask


def _read(request: Request, content: bytes, media: str) -> Reply:
    if "event-stream" in media:
        answer = wire.streamed(request.format, content.decode(errors="replace"))
    else:
        answer = wire.answer(request.format, json.loads(content))
    return Reply(answer=answer, media=media or "application/json", chunks=(content,))


def ready(provider: Provider) -> None:
    """Say before anything starts what is missing to ask a provider."""
    if not os.environ.get(provider.key_env):
        raise InputError(f"the model's key is missing: set {provider.key_env}")


# --- the model itself fails ----------------------------------------------------------------


class ModelFault(Value):
    """How the model fails: `times` answers from answer `at` on (counted from 1)."""

    what: Literal[
        "rate_limit", "overloaded", "error", "time_out", "cut", "empty", "malformed", "too_long"
    ]
    at: int = Field(default=1, ge=1)
    times: int = Field(default=1, ge=1)
    after: float = Field(default=1.0, ge=0)
    """rate_limit: Retry-After, time_out: how long nothing comes; in seconds."""


def failing(model: Model, fault: ModelFault, count: Callable[[int], None]) -> Model:
    """Return the model with a fault of its own; `count` is told of each effect."""
    answers = 0
    effects = 0

    def ask(request: Request, raw: bytes) -> Reply:
        nonlocal answers, effects
        answers += 1
        if not fault.at <= answers < fault.at + fault.times:
            return model(request, raw)
        effects += 1
        count(effects)
        return _fail(fault, request, lambda: model(request, raw))

    return ask


def _fail(fault: ModelFault, request: Request, ask: Callable[[], Reply]) -> Reply:
    messages = request.format == "messages"
    match fault.what:
        case "rate_limit":
            raise Refusal(429, "rate_limit_error", "Rate limit reached", after=fault.after)
        case "overloaded":
            raise Refusal(529 if messages else 503, "overloaded_error", "Overloaded")
        case "error":
            raise Refusal(500, "api_error", "Internal server error")
        case "time_out":
            import time  # noqa: PLC0415

            time.sleep(fault.after)
            raise Refusal(504, "timeout_error", "The request timed out")
        case "too_long":
            said = "prompt is too long" if messages else "maximum context length exceeded"
            kind = "invalid_request_error" if messages else "context_length_exceeded"
            raise Refusal(400, kind, said)
        case "cut":
            whole = ask()
            half = whole.chunks[: max(1, len(whole.chunks) // 2)]
            return Reply(answer=Answer(), media=whole.media, chunks=half, cut=True)
        case "empty":
            return reply(request, Answer(model=request.model))
        case "malformed":
            answer = ask().answer
            broken = tuple(
                call.model_copy(update={"arguments": None, "raw": '{"command": "ls'})
                for call in answer.calls
            )
            return reply(request, answer.model_copy(update={"calls": broken}))
