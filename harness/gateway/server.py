"""The gateway's server: one a run, on the loopback interface, with a channel for each trial."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

from harness.errors import HarnessError
from harness.gateway import wire
from harness.gateway.model_channel import Model, ModelChannel, Refusal, Reply
from harness.gateway.models import EXTRA


class Gateway:
    """Channels by token, and what the server asks of them."""

    def __init__(self) -> None:
        self.address: tuple[str, int] = ("127.0.0.1", 0)
        """Where it listens."""
        self._channels: dict[str, ModelChannel] = {}

    @contextlib.contextmanager
    def channel(self, model: Model) -> Iterator[ModelChannel]:
        """Open a channel for the length of a `with`."""
        channel = ModelChannel(model)
        self._channels[channel.token] = channel
        try:
            yield channel
        finally:
            del self._channels[channel.token]
            channel.dispose()

    def asked(self, token: str, path: str, raw: bytes) -> Reply:
        """Answer one request; `Refusal` when it is not to be answered."""
        form = wire.form(path)
        if form is None:
            raise Refusal(404, "not_found", f"the gateway serves {', '.join(wire.PATHS)}")
        channel = self._channels.get(token)
        if channel is None:
            raise Refusal(401, "authentication_error", "this key opens nothing")
        try:
            request = wire.request(form, json.loads(raw), path)
        except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
            why = f"not understood: {type(error).__name__}"
            raise Refusal(400, "invalid_request_error", why) from None
        return channel.exchange(request, raw)


# --- HTTP ----------------------------------------------------------------------------------


def refuse(refusal: Refusal, path: str) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return status, headers and body of a refusal, in the words of the format."""
    error: dict[str, Any] = {"type": refusal.kind, "message": str(refusal)}
    body: dict[str, Any] = {"error": error}
    form = wire.form(path)
    if form == "messages":
        body = {"type": "error", **body}
    elif form == "gemini":
        error |= {"code": refusal.status, "status": refusal.kind.upper()}
    else:
        error["code"] = refusal.kind
    headers = {} if refusal.after is None else {"retry-after": f"{refusal.after:g}"}
    return refusal.status, headers, body


def application(gateway: Gateway) -> Any:
    """Return the gateway as an ASGI application."""
    from starlette.applications import Starlette  # noqa: PLC0415 - an extra
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415
    from starlette.requests import Request as HttpRequest  # noqa: PLC0415
    from starlette.responses import JSONResponse, Response, StreamingResponse  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    async def model(http: HttpRequest) -> Response:
        named = ("x-api-key", "x-goog-api-key", "authorization")
        key = next((http.headers[name] for name in named if http.headers.get(name)), "")
        token = key.removeprefix("Bearer ").strip()
        versioned = http.url.path.startswith(("/v1/", "/v1beta/"))
        path = http.url.path if versioned else "/v1" + http.url.path
        try:
            raw = await http.body()
            reply = await run_in_threadpool(gateway.asked, token, path, raw)
        except Refusal as refusal:
            status, headers, body = refuse(refusal, path)
            return JSONResponse(body, status, headers)
        stream = _send(reply)
        return StreamingResponse(stream, reply.status, media_type=reply.media)

    async def models(_: HttpRequest) -> Response:
        return JSONResponse({"object": "list", "data": []})

    async def count(http: HttpRequest) -> Response:
        tokens = len(await http.body()) // 4
        return JSONResponse({"input_tokens": tokens, "totalTokens": tokens})

    return Starlette(
        routes=[
            Route("/v1/models", models),
            Route("/models", models),
            Route("/v1/messages/count_tokens", count, methods=["POST"]),
            Route("/v1beta/models/{name}:countTokens", count, methods=["POST"]),
            Route("/{path:path}", model, methods=["POST"]),
        ]
    )


async def _send(reply: Reply) -> AsyncIterator[bytes]:
    for chunk in reply.chunks:
        yield chunk
    if reply.cut:
        raise ConnectionResetError("the stream is cut, as the fault wants it")


@contextlib.contextmanager
def serve(gateway: Gateway) -> Iterator[Gateway]:
    """Serve the gateway on a free loopback port for the length of a `with`."""
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        app = application(gateway)
    except ImportError:
        raise HarnessError(EXTRA) from None
    listener = socket.create_server(("127.0.0.1", 0))
    gateway.address = listener.getsockname()
    config = uvicorn.Config(
        app, log_level="critical", lifespan="off", access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="gateway", daemon=True
    )
    thread.start()
    try:
        yield gateway
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
