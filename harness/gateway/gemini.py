"""Google's generateContent format, read into turns and written out of them.  Pure.

Its model and whether it streams stand in the path, and a stream is a row of whole answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.gateway.turns import Answer, Request, ToolCall, ToolResult, Usage, tokens

Json = Mapping[str, Any]

PATH = re.compile(r"/v1beta/models/([^/:]+):(generateContent|streamGenerateContent)")


def path(request: Request) -> str:
    """Return where a provider is asked this."""
    verb = "streamGenerateContent?alt=sse" if request.stream else "generateContent"
    return f"/v1beta/models/{request.model}:{verb}"


# --- read ----------------------------------------------------------------------------------


def request(body: Json, where: str) -> Request:
    """Read a request to the path `where`."""
    found = PATH.fullmatch(where)
    entries = [entry for entry in body.get("contents") or [] if isinstance(entry, dict)]
    mine = [i for i, entry in enumerate(entries) if entry.get("role") == "model"]
    since = [part for entry in entries[mine[-1] + 1 if mine else 0 :] for part in _parts(entry)]
    return Request(
        format="gemini",
        model=found[1] if found else "",
        stream=found is not None and found[2].startswith("stream"),
        tools=dict(_tools(body.get("tools"))),
        results=tuple(_result(p["functionResponse"]) for p in since if "functionResponse" in p),
        text="\n".join(_text(since)),
        turns=sum(i == 0 or i - 1 not in mine for i in mine),
    )


def _parts(entry: Json) -> list[dict[str, Any]]:
    return [part for part in entry.get("parts") or [] if isinstance(part, dict)]


def _text(parts: Iterable[Json]) -> list[str]:
    return [str(part["text"]) for part in parts if part.get("text") and not part.get("thought")]


def _tools(tools: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for tool in tools if isinstance(tools, list) else []:
        for one in tool.get("functionDeclarations") or []:
            schema = one.get("parametersJsonSchema") or one.get("parameters") or {}
            yield str(one.get("name")), dict(schema)


def _result(response: Json) -> ToolResult:
    said = response.get("response") or {}
    text = said.get("output", said.get("error"))
    number = response.get("id") or response.get("name")
    return ToolResult(id=str(number), text=text if isinstance(text, str) else json.dumps(said))


def answer(body: Json) -> Answer:
    """Read a whole (not streamed) answer."""
    return _join([body])


def read_stream(chunks: Iterable[Json]) -> Answer:
    """Read an answer out of its stream, as far as it came."""
    return _join(chunks)


def _join(bodies: Iterable[Json]) -> Answer:
    parts: list[dict[str, Any]] = []
    usage: Json = {}
    model = ""
    for body in bodies:
        candidate = (body.get("candidates") or [{}])[0]
        parts += _parts(candidate.get("content") or {})
        usage = body.get("usageMetadata") or usage
        model = str(body.get("modelVersion") or model)
    asked = [part["functionCall"] for part in parts if "functionCall" in part]
    return Answer(
        text="".join(_text(parts)),
        calls=tuple(_call(one, number) for number, one in enumerate(asked)),
        usage=_usage(usage),
        model=model,
    )


def _call(one: Json, number: int) -> ToolCall:
    arguments = one.get("args", {})
    known = arguments if isinstance(arguments, dict) else None
    torn = arguments if isinstance(arguments, str) else json.dumps(arguments)
    raw = "" if known is not None else torn
    name = str(one.get("name"))
    called = str(one.get("id") or f"{name}-{number}")
    return ToolCall(id=called, name=name, arguments=known, raw=raw)


def _usage(usage: Json) -> Usage:
    spoken = [usage.get(key) for key in ("candidatesTokenCount", "thoughtsTokenCount")]
    known = [count for each in spoken if (count := tokens(each)) is not None]
    return Usage(
        prompt=tokens(usage.get("promptTokenCount")),
        completion=sum(known) if known else None,
        cached=tokens(usage.get("cachedContentTokenCount")),
    )


# --- written -------------------------------------------------------------------------------


def whole(answer: Answer, number: int) -> dict[str, Any]:
    """Return the body of an answer."""
    return _body(answer, number, list(_write(answer)), last=True)


def stream(answer: Answer, number: int) -> Iterator[str]:
    """Yield the server-sent events of an answer: one a part; the last one tells the tokens."""
    parts = list(_write(answer)) or [{"text": ""}]
    for at, part in enumerate(parts):
        body = _body(answer, number, [part], last=at == len(parts) - 1)
        yield f"data: {json.dumps(body)}\r\n\r\n"


def _write(answer: Answer) -> Iterator[dict[str, Any]]:
    for i in range(0, len(answer.text), 40):
        yield {"text": answer.text[i : i + 40]}
    for call in answer.calls:
        arguments = call.raw if call.arguments is None else call.arguments
        yield {"functionCall": {"id": call.id, "name": call.name, "args": arguments}}


def _body(
    answer: Answer, number: int, parts: list[dict[str, Any]], *, last: bool
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "content": {"role": "model", "parts": parts}}
    body: dict[str, Any] = {"candidates": [candidate], "responseId": f"g{number}"}
    body["modelVersion"] = answer.model
    if last:
        candidate["finishReason"] = "STOP"
        prompt, spoken = answer.usage.prompt or 0, answer.usage.completion or 0
        body["usageMetadata"] = {
            "promptTokenCount": prompt, "candidatesTokenCount": spoken,
            "cachedContentTokenCount": answer.usage.cached or 0,
            "totalTokenCount": prompt + spoken,
        }  # fmt: skip
    return body
