"""Models behind the gateway: a script, or a provider whose key stays on the host."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import tenacity
from pydantic import Field

from harness.errors import HarnessError, InputError, ModelUnreachable
from harness.gateway import wire, write
from harness.gateway.model_channel import Model, Refusal, Reply
from harness.gateway.scenario import Scenario, player
from harness.gateway.turns import Answer, Format, Request
from harness.models.values import Frozen

if TYPE_CHECKING:
    import httpx  # an extra

TRIES = 4
"""How often a provider is asked before it counts as unreachable."""

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""What a provider says when it is worth asking again."""

WRONG_KEY = frozenset({401, 403})


def reply(request: Request, answer: Answer) -> Reply:
    """Return an answer in the request's format, streamed if it asks for that."""
    if request.stream:
        blocks = write.stream(request.format, answer, request.turns + 1)
        chunks = tuple(block.encode() for block in blocks)
        return Reply(answer=answer, media="text/event-stream", chunks=chunks)
    body = write.whole(request.format, answer, request.turns + 1)
    return Reply(answer=answer, chunks=(json.dumps(body).encode(),))


def read(form: Format, content: bytes, media: str) -> Answer:
    """Read an answer as it crossed the wire, streamed or whole; ValueError if it is none."""
    try:
        if "event-stream" in media:
            return wire.read_stream(form, content.decode(errors="replace"))
        return wire.answer(form, json.loads(content))
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def scenario_model(scenario: Scenario) -> Model:
    """Return a model that plays a scenario."""
    play = player(scenario)
    return lambda request, _: reply(request, play(request))


# --- a provider ----------------------------------------------------------------------------


class Provider(Frozen):
    """A model behind HTTP.  The key is read from the environment of the harness, never stored."""

    base_url: str = Field(pattern=r"^https?://")
    """Up to and without `/v1`."""
    key_env: str | None = None
    """Name of the environment variable that holds the key; None: it wants none."""
    model: str | None = None
    """Asked for instead of what the agent names."""
    seconds: float = Field(default=600, gt=0)
    """How long an answer may take."""

    @property
    def key(self) -> str:
        """The key; empty if there is none."""
        return os.environ.get(self.key_env, "") if self.key_env else ""


def provider_model(provider: Provider, pause: float = 1.0) -> Model:
    """Return a model that asks a provider; `pause`: seconds before the second try."""

    def ask(request: Request, raw: bytes) -> Reply:
        asked = request.model_copy(update={"model": provider.model or request.model})
        url = provider.base_url.rstrip("/") + wire.path(asked)
        body = json.loads(raw)
        if provider.model is not None and request.format != "gemini":
            body["model"] = provider.model
        got = _ask(provider, request.format, url, body, pause)
        content = got.content.replace(provider.key.encode() or b"\0", b"(key)")
        if got.status_code >= 400:  # noqa: PLR2004 - HTTP
            said = content.decode(errors="replace")[:2000]
            known = got.status_code in PASSING | WRONG_KEY | {404}
            raise Refusal(got.status_code, "model_error", said, ours=known)
        media = got.headers.get("content-type", "application/json")
        try:
            return Reply(
                answer=read(request.format, content, media), media=media, chunks=(content,)
            )
        except ValueError as error:
            why = f"the provider's answer is not understood: {error}"
            raise Refusal(502, "model_error", why, ours=True) from None

    return ask


def _ask(provider: Provider, form: Format, url: str, body: Any, pause: float) -> httpx.Response:
    import httpx  # noqa: PLC0415 - an extra

    def post() -> httpx.Response:
        headers = headers_of(form, provider.key)
        return httpx.post(url, json=body, headers=headers, timeout=provider.seconds)

    again = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(TRIES),
        wait=tenacity.wait_exponential(multiplier=pause, max=20 * pause),
        retry=tenacity.retry_if_exception_type(httpx.TransportError)
        | tenacity.retry_if_result(lambda got: got.status_code in PASSING),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    try:
        return again(post)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = f"{provider.base_url}: {type(error).__name__}"
        raise Refusal(502, "model_unreachable", why, ours=True) from None


def headers_of(form: Format, key: str) -> dict[str, str]:
    """Return the headers by which a provider knows its customer."""
    headers = {"content-type": "application/json"}
    if form == "messages":
        headers["anthropic-version"] = "2023-06-01"
    named = {"messages": "x-api-key", "gemini": "x-goog-api-key"}.get(form)
    if key:
        headers |= {named: key} if named else {"authorization": f"Bearer {key}"}
    return headers


def ready(provider: Provider, form: Format) -> None:
    """Say before anything starts what is missing to ask a provider; it is asked for its models.

    `InputError`: the key is missing or refused.  `ModelUnreachable`: nothing answers there.
    """
    if provider.key_env and not provider.key:
        raise InputError(f"the model's key is missing: set {provider.key_env}")
    try:
        import httpx  # noqa: PLC0415 - an extra
    except ImportError:
        raise HarnessError(EXTRA) from None
    try:
        version = "v1beta" if form == "gemini" else "v1"
        url = f"{provider.base_url.rstrip('/')}/{version}/models"
        got = httpx.get(url, headers=headers_of(form, provider.key), timeout=20)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelUnreachable(
            f"{provider.base_url} does not answer ({type(error).__name__}): is `provider.base_url`"
            " right, and may this machine reach it?"
        ) from None
    if got.status_code in WRONG_KEY:
        raise InputError(
            f"{provider.base_url} refuses the key in {provider.key_env or '(none)'}: set another"
        )


EXTRA = "agents with a model need the extra `models`: pip install 'recovery-harness[models]'"
