"""The pages served on this machine alone, following a run that is being written.

A foreign page in a browser here may not read a trajectory: answers go only to requests that name a
loopback host and come from our own pages.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from harness.errors import HarnessError
from harness.views.html import bundle
from harness.views.html.changes import signature
from harness.views.html.document import SERVED, finite, live_page
from harness.views.html.gather import Gathered
from harness.views.html.shortened import shorten

LIMIT = 1 << 16
"""Characters of a text that a trial's picture holds; the whole is opened apart."""

SLICE = 1 << 20
"""Most bytes of an artifact in one answer, unless the whole is asked for."""

LOOPBACK = frozenset(("127.0.0.1", "localhost", "[::1]"))

HEADERS = {
    "Content-Security-Policy": "; ".join(SERVED),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def never() -> bool:
    """Say that the server is not about to end."""
    return False


def app(gathered: Gathered, *, every: float = 1.0, ending: Callable[[], bool] = never) -> Starlette:
    """Return the application; it looks at the run's folder `every` so many seconds.

    `ending` says whether the server is about to end: what is open is then closed.
    """
    pages = Pages(gathered, every, ending)
    routes = [
        Route("/", pages.index),
        Route("/page.js", pages.script),
        Route("/style.css", pages.style),
        Route("/api/run", pages.run),
        Route("/api/changes", pages.changes),
        Route("/api/trial/{trial}", pages.trial),
        Route("/api/trial/{trial}/artifact/{name}", pages.artifact),
    ]
    made = Starlette(routes=routes)
    made.add_middleware(Guard)
    return made


def server(gathered: Gathered, *, every: float = 1.0) -> uvicorn.Server:
    """Return a server that closes its open streams by itself when it is told to end."""
    pages = app(gathered, every=every, ending=lambda: made.should_exit)
    wait = math.ceil(every) + 1
    config = uvicorn.Config(
        pages, log_level="warning", timeout_graceful_shutdown=wait, lifespan="off"
    )
    made = uvicorn.Server(config)
    return made


class Pages:
    """What each address answers."""

    def __init__(self, gathered: Gathered, every: float, ending: Callable[[], bool]) -> None:
        self._gathered = gathered
        self._every = every
        self._ending = ending

    async def index(self, _: Request) -> Response:
        """Return the empty page, which asks for the rest."""
        return HTMLResponse(live_page())

    async def script(self, _: Request) -> Response:
        """Return the page's JavaScript."""
        return Response(bundle.script(), media_type="text/javascript")

    async def style(self, _: Request) -> Response:
        """Return the style sheet."""
        return Response(bundle.style(), media_type="text/css")

    async def run(self, _: Request) -> Response:
        """Return the run's document."""
        return _json(await run_in_threadpool(self._gathered.page))

    async def trial(self, request: Request) -> Response:
        """Return a trial's picture."""
        picture = await run_in_threadpool(self._picture, request.path_params["trial"])
        return _missing() if picture is None else _json(picture)

    async def artifact(self, request: Request) -> Response:
        """Return a large output, as plain text: all of it, or `size` bytes from `start` on."""
        data = await run_in_threadpool(self._artifact, request)
        return _missing() if data is None else data

    async def changes(self, _: Request) -> Response:
        """Return a stream with an event whenever the run has changed."""
        return StreamingResponse(self._changes(), media_type="text/event-stream")

    async def _changes(self) -> AsyncIterator[str]:
        path = self._gathered.run.path
        before = await run_in_threadpool(signature, path)
        yield ": hello\n\n"
        while not self._ending():
            await asyncio.sleep(self._every)
            now = await run_in_threadpool(signature, path)
            yield "data: changed\n\n" if now != before else ": still here\n\n"
            before = now

    def _picture(self, trial: str) -> dict[str, Any] | None:
        try:
            folder = self._gathered.run.folder(trial)
            return shorten(self._gathered.picture(folder), LIMIT)
        except HarnessError:
            return None

    def _artifact(self, request: Request) -> Response | None:
        try:
            folder = self._gathered.run.folder(request.path_params["trial"])
        except HarnessError:
            return None
        known = {path.name: path for path in (folder.path / "artifacts").glob("*")}
        path = known.get(request.path_params["name"])
        if path is None:
            return None
        start, size = _asked(request, "start", 0), _asked(request, "size", None)
        with path.open("rb") as stream:
            stream.seek(start or 0)
            data = stream.read(-1 if size is None else min(size, SLICE))
        headers = {"X-Total": str(path.stat().st_size)}
        return Response(data, media_type="text/plain; charset=utf-8", headers=headers)


def _asked(request: Request, key: str, default: int | None) -> int | None:
    value = request.query_params.get(key, "")
    return int(value) if value.isdecimal() else default


def _json(content: Mapping[str, Any]) -> Response:
    text = json.dumps(finite(content), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Response(text, media_type="application/json")


def _missing() -> Response:
    return PlainTextResponse("there is no such thing\n", status_code=404)


class Guard:
    """Turn away all but pages of ours on this machine, and send the headers along."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        refused = refusal(
            scope["method"], {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        )
        if refused:
            await PlainTextResponse(refused, status_code=403, headers=HEADERS)(scope, receive, send)
            return

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await self._inner(scope, receive, answer)


def refusal(method: str, headers: dict[str, str]) -> str:
    """Say why a request is turned away; empty if it is not.

    A name that another's server resolves to this machine (DNS rebinding) is no loopback host; a
    page of another origin says so in `Origin` or `Sec-Fetch-Site`.
    """
    host = headers.get("host", "")
    if _name(host) not in LOOPBACK:
        return "only a loopback host is answered\n"
    if method not in {"GET", "HEAD"}:
        return "there is nothing to change here\n"
    origin = headers.get("origin")
    if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
        return "another page may not read this\n"
    if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and not _navigates(headers):
        return "another page may not read this\n"
    return ""


def _navigates(headers: dict[str, str]) -> bool:
    """Say whether a person followed a link here (a frame is none)."""
    return (
        headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )


def _name(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
