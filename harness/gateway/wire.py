"""The wire formats, read into turns.  Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.gateway import gemini
from harness.gateway.turns import Answer, Format, Request, ToolCall, ToolResult, Usage, tokens

PATHS: dict[str, Format] = {
    "/v1/chat/completions": "chat",
    "/v1/responses": "responses",
    "/v1/messages": "messages",
}

Json = Mapping[str, Any]


def form(path: str) -> Format | None:
    """Return the format that a path speaks, None for any other path."""
    return "gemini" if gemini.PATH.fullmatch(path) else PATHS.get(path)


def path(request: Request) -> str:
    """Return the path at which a provider is asked this."""
    if request.format == "gemini":
        return gemini.path(request)
    return next(path for path, form in PATHS.items() if form == request.format)


# --- requests ------------------------------------------------------------------------------


def request(form: Format, body: Json, path: str = "") -> Request:
    """Read a request to a path.  What is not understood is left out, never guessed."""
    if form == "gemini":
        return gemini.request(body, path)
    entries = body.get("input" if form == "responses" else "messages") or []
    if isinstance(entries, str):
        entries = [{"role": "user", "content": entries}]
    entries = [entry for entry in entries if isinstance(entry, dict)]
    mine = [i for i, entry in enumerate(entries) if _is_answer(entry)]
    since = entries[mine[-1] + 1 :] if mine else entries
    return Request(
        format=form,
        model=str(body.get("model", "")),
        stream=bool(body.get("stream")),
        tools=dict(_tools(body.get("tools"))),
        results=tuple(result for entry in since for result in _results(entry)),
        text="\n".join(text for entry in since if (text := _user_text(entry))),
        turns=_turns(entries),
    )


def _is_answer(entry: Json) -> bool:
    # What a model did comes back without a role in the responses format (Codex, OpenHands):
    # calls, those of a tool built into the model, free-form ones and reasoning are entries each.
    kind = str(entry.get("type", ""))
    return entry.get("role") == "assistant" or kind in {
        "function_call", "local_shell_call", "custom_tool_call", "reasoning",
    }  # fmt: skip


def _turns(entries: Iterable[Json]) -> int:
    """Count runs of answers: the responses format has several entries to an answer."""
    count, before = 0, False
    for entry in entries:
        answer = _is_answer(entry)
        count += answer and not before
        before = answer
    return count


def _tools(tools: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for tool in tools if isinstance(tools, list) else []:
        if isinstance(tool, dict):
            # Chat puts a tool below `function`, the others do not; one built into the model has a
            # type and no name.
            inner = tool.get("function", tool)
            name = inner.get("name") or tool.get("type")
            schema = inner.get("parameters") or inner.get("input_schema") or {}
            yield str(name), dict(schema)


def _results(entry: Json) -> Iterator[ToolResult]:
    if entry.get("role") == "tool":
        yield ToolResult(id=str(entry.get("tool_call_id")), text=_plain(entry.get("content")))
    elif str(entry.get("type", "")).endswith("_output"):
        yield ToolResult(id=str(entry.get("call_id")), text=_plain(entry.get("output")))
    elif entry.get("role") == "user" and isinstance(entry.get("content"), list):
        for part in entry["content"]:
            if isinstance(part, dict) and part.get("type") == "tool_result":
                yield ToolResult(id=str(part.get("tool_use_id")), text=_plain(part.get("content")))


def _user_text(entry: Json) -> str:
    return _plain(entry.get("content")) if entry.get("role") == "user" else ""


def _plain(content: Any) -> str:
    """Return the text of a content field, whatever its shape; tool results are not text."""
    match content:
        case str():
            return content
        case list():
            return "\n".join(text for part in content if (text := _plain(part)))
        case {"type": "tool_result"}:
            return ""
        case {"text": str(text)} | {"content": str(text)} | {"output": str(text)}:
            return text
        case _:
            return ""


# --- answers, read -------------------------------------------------------------------------


def answer(form: Format, body: Json) -> Answer:
    """Read a whole (not streamed) answer."""
    match form:
        case "chat":
            message = (body.get("choices") or [{}])[0].get("message") or {}
            calls = [
                _call(c.get("id"), c["function"].get("name"), c["function"].get("arguments"))
                for c in message.get("tool_calls") or []
                if isinstance(c, dict) and isinstance(c.get("function"), dict)
            ]
            text = _plain(message.get("content"))
        case "responses":
            items = [i for i in body.get("output") or [] if isinstance(i, dict)]
            text = "\n".join(_plain(i.get("content")) for i in items if i.get("type") == "message")
            calls = [
                _call(i.get("call_id"), i.get("name"), i.get("arguments"))
                for i in items
                if i.get("type") == "function_call"
            ]
        case "messages":
            parts = [p for p in body.get("content") or [] if isinstance(p, dict)]
            text = "\n".join(str(p.get("text", "")) for p in parts if p.get("type") == "text")
            calls = [
                _call(p.get("id"), p.get("name"), p.get("input"))
                for p in parts
                if p.get("type") == "tool_use"
            ]
        case "gemini":
            return gemini.answer(body)
    usage = _usage(body.get("usage") or {})
    return Answer(text=text, calls=tuple(calls), usage=usage, model=str(body.get("model", "")))


def _call(number: Any, name: Any, arguments: Any) -> ToolCall:
    # Messages has arguments as an object, chat and responses as a text that a model may get wrong.
    raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
    try:
        read = json.loads(raw or "{}")
    except ValueError:
        read = None
    known = read if isinstance(read, dict) else None
    return ToolCall(
        id=str(number), name=str(name), arguments=known, raw="" if known is not None else raw
    )


def _usage(usage: Json) -> Usage:
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    prompt = tokens(usage.get("prompt_tokens", usage.get("input_tokens")))
    cached = tokens(usage.get("cache_read_input_tokens", details.get("cached_tokens")))
    # Anthropic counts what its cache served or took in beside `input_tokens`, the others within; a
    # budget of tokens must come to the same with either.
    if prompt is not None and "cache_read_input_tokens" in usage:
        prompt += (cached or 0) + (tokens(usage.get("cache_creation_input_tokens")) or 0)
    completion = tokens(usage.get("completion_tokens", usage.get("output_tokens")))
    return Usage(prompt=prompt, completion=completion, cached=cached)


# --- answers, read from a stream -----------------------------------------------------------


def events(stream: str) -> Iterator[Json]:
    """Yield the data objects of a server-sent event stream; what is no JSON is left out."""
    for line in stream.splitlines():
        if line.startswith("data:") and line[5:].strip() not in {"", "[DONE]"}:
            try:
                data = json.loads(line[5:])
            except ValueError:
                continue
            if isinstance(data, dict):
                yield data


def read_stream(form: Format, stream: str) -> Answer:
    """Read an answer out of the text of its stream (whole, or as far as it came)."""
    match form:
        case "chat":
            return answer("chat", _chat(events(stream)))
        case "responses":
            return answer("responses", _response(events(stream)))
        case "messages":
            return answer("messages", _message(events(stream)))
        case "gemini":
            return gemini.read_stream(events(stream))


def _chat(chunks: Iterable[Json]) -> dict[str, Any]:
    text, model = "", ""
    calls: dict[int, dict[str, Any]] = {}
    usage: dict[str, Any] = {}
    for chunk in chunks:
        usage = chunk.get("usage") or usage  # in a last chunk of its own, which has no choices
        model = chunk.get("model") or model
        for choice in chunk.get("choices") or []:
            delta = choice.get("delta") or {}
            text += delta.get("content") or ""
            for part in delta.get("tool_calls") or []:
                empty = {"id": "", "function": {"name": "", "arguments": ""}}
                call = calls.setdefault(part.get("index", 0), empty)
                call["id"] = part.get("id") or call["id"]
                for key in ("name", "arguments"):
                    call["function"][key] += (part.get("function") or {}).get(key) or ""
    message = {"content": text, "tool_calls": [calls[i] for i in sorted(calls)]}
    return {"choices": [{"message": message}], "usage": usage, "model": model}


def _response(stream: Iterable[Json]) -> dict[str, Any]:
    items: list[Any] = []
    for event in stream:
        if event.get("type") == "response.output_item.done":
            items.append(event.get("item"))
        elif event.get("type") in {"response.completed", "response.incomplete"}:
            whole = dict(event.get("response") or {})
            return {**whole, "output": whole.get("output") or items}
    return {"output": items}


def _message(stream: Iterable[Json]) -> dict[str, Any]:
    parts: dict[int, dict[str, Any]] = {}
    usage: dict[str, Any] = {}
    model = ""
    for event in stream:
        at = event.get("index", 0)
        match event.get("type"):
            case "message_start":  # has the tokens of the input; the last `message_delta` those out
                usage |= event["message"].get("usage") or {}
                model = event["message"].get("model", "")
            case "content_block_start":
                block = dict(event["content_block"])
                parts[at] = block | ({"input": ""} if block.get("type") == "tool_use" else {})
            case "content_block_delta" if at in parts:
                delta = event.get("delta") or {}
                for key, into in (("text", "text"), ("partial_json", "input")):
                    if key in delta:
                        parts[at][into] = str(parts[at].get(into, "")) + delta[key]
            case "message_delta":
                usage |= event.get("usage") or {}
    return {"content": [parts[i] for i in sorted(parts)], "usage": usage, "model": model}
