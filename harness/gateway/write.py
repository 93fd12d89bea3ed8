"""Answers written in the wire formats, whole or streamed.  Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from harness.gateway import gemini
from harness.gateway.turns import Answer, Format, ToolCall

CREATED = 1700000000
"""A fixed time stamp: what is written depends on nothing but the answer."""


def whole(form: Format, answer: Answer, number: int) -> dict[str, Any]:
    """Return the body of an answer; `number` makes its id."""
    match form:
        case "chat":
            return _chat(answer, number)
        case "responses":
            return _response(answer, number)
        case "messages":
            return _message(answer, number)
        case "gemini":
            return gemini.whole(answer, number)


def stream(form: Format, answer: Answer, number: int) -> Iterator[str]:
    """Yield the server-sent events of an answer, as text blocks."""
    match form:
        case "chat":
            for chunk in _chat_chunks(answer, number):
                yield f"data: {json.dumps(chunk)}\n\n"
            yield "data: [DONE]\n\n"
        case "responses":
            for i, event in enumerate(_response_events(answer, number)):
                numbered = {**event, "sequence_number": i}
                yield f"event: {event['type']}\ndata: {json.dumps(numbered)}\n\n"
        case "messages":
            for event in _message_events(answer, number):
                yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
        case "gemini":
            yield from gemini.stream(answer, number)


def _pieces(text: str, size: int = 40) -> Iterator[str]:
    yield from (text[i : i + size] for i in range(0, len(text), size))


# --- OpenAI chat completions ---------------------------------------------------------------


def _chat(answer: Answer, number: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
    if answer.calls:
        message["tool_calls"] = [_chat_call(call) for call in answer.calls]
    return {
        "id": f"chatcmpl-{number}", "object": "chat.completion", "created": CREATED,
        "model": answer.model,
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(answer)}],
        "usage": _chat_usage(answer),
    }  # fmt: skip


def _chat_call(call: ToolCall) -> dict[str, Any]:
    return {
        "id": call.id, "type": "function",
        "function": {"name": call.name, "arguments": call.text},
    }  # fmt: skip


def _finish(answer: Answer) -> str:
    return "tool_calls" if answer.calls else "stop"


def _chat_usage(answer: Answer) -> dict[str, Any]:
    prompt, completion = answer.usage.prompt or 0, answer.usage.completion or 0
    total = prompt + completion
    return {
        "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total,
        "prompt_tokens_details": {"cached_tokens": answer.usage.cached or 0},
    }  # fmt: skip


def _chat_chunks(answer: Answer, number: int) -> Iterator[dict[str, Any]]:
    base = {
        "id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": CREATED,
        "model": answer.model,
    }  # fmt: skip

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(answer.text):
        yield chunk({"content": piece})
    for i, call in enumerate(answer.calls):
        named = _chat_call(call)
        named["function"] = {"name": call.name, "arguments": ""}
        yield chunk({"tool_calls": [{"index": i, **named}]})
        for piece in _pieces(call.text):
            yield chunk({"tool_calls": [{"index": i, "function": {"arguments": piece}}]})
    yield chunk({}, _finish(answer))
    yield {**base, "choices": [], "usage": _chat_usage(answer)}


# --- OpenAI responses ----------------------------------------------------------------------


def _response(answer: Answer, number: int, *, done: bool = True) -> dict[str, Any]:
    usage = answer.usage
    prompt, completion = usage.prompt or 0, usage.completion or 0
    return {
        "id": f"resp_{number}", "object": "response", "created_at": CREATED,
        "status": "completed" if done else "in_progress", "model": answer.model,
        "output": list(_items(answer, number)) if done else [],
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None,
        "usage": {
            "input_tokens": prompt, "output_tokens": completion,
            "total_tokens": prompt + completion,
            "input_tokens_details": {"cached_tokens": usage.cached or 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        } if done else None,
    }  # fmt: skip


def _items(answer: Answer, number: int) -> Iterator[dict[str, Any]]:
    if answer.text:
        part = {"type": "output_text", "text": answer.text, "annotations": []}
        yield {
            "type": "message", "id": f"msg_{number}", "role": "assistant",
            "status": "completed", "content": [part],
        }  # fmt: skip
    for call in answer.calls:
        yield {
            "type": "function_call", "id": f"fc_{call.id}", "call_id": call.id,
            "name": call.name, "arguments": call.text, "status": "completed",
        }  # fmt: skip


def _response_events(answer: Answer, number: int) -> Iterator[dict[str, Any]]:
    opening = _response(answer, number, done=False)
    yield {"type": "response.created", "response": opening}
    yield {"type": "response.in_progress", "response": opening}
    for at, item in enumerate(_items(answer, number)):
        place = {"output_index": at, "item_id": item["id"]}
        empty: dict[str, Any] = {"content": []} if item["type"] == "message" else {"arguments": ""}
        begun = {**item, "status": "in_progress", **empty}
        yield {"type": "response.output_item.added", "output_index": at, "item": begun}
        if item["type"] == "message":
            yield from _response_text(item["content"][0], place)
        else:
            for piece in _pieces(item["arguments"]):
                yield {"type": "response.function_call_arguments.delta", **place, "delta": piece}
            yield {
                "type": "response.function_call_arguments.done", **place,
                "arguments": item["arguments"],
            }  # fmt: skip
        yield {"type": "response.output_item.done", "output_index": at, "item": item}
    yield {"type": "response.completed", "response": _response(answer, number)}


def _response_text(part: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    place = {**place, "content_index": 0}
    yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
    for piece in _pieces(part["text"]):
        yield {"type": "response.output_text.delta", **place, "delta": piece}
    yield {"type": "response.output_text.done", **place, "text": part["text"]}
    yield {"type": "response.content_part.done", **place, "part": part}


# --- Anthropic messages --------------------------------------------------------------------


def _message(answer: Answer, number: int) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": answer.text}] if answer.text else []
    content += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": _input(call)}
        for call in answer.calls
    ]
    return {
        "id": f"msg_{number}", "type": "message", "role": "assistant", "model": answer.model,
        "content": content, "stop_reason": "tool_use" if answer.calls else "end_turn",
        "stop_sequence": None, "usage": _message_usage(answer),
    }  # fmt: skip


def _input(call: ToolCall) -> Any:
    """Return the arguments as JSON; what is no object is text, as nothing else can carry it."""
    return call.raw if call.arguments is None else call.arguments


def _message_usage(answer: Answer) -> dict[str, int]:
    prompt, cached = answer.usage.prompt or 0, answer.usage.cached or 0
    return {
        "input_tokens": max(0, prompt - cached),
        "output_tokens": answer.usage.completion or 0,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
    }


def _message_events(answer: Answer, number: int) -> Iterator[dict[str, Any]]:
    body = _message(answer, number)
    begun = {**body["usage"], "output_tokens": 0}
    yield {
        "type": "message_start",
        "message": {**body, "content": [], "stop_reason": None, "usage": begun},
    }
    blocks: list[tuple[str, str, ToolCall | None]] = []
    if answer.text:
        blocks.append(("text", answer.text, None))
    blocks += [("tool_use", call.text, call) for call in answer.calls]
    for at, (kind, text, call) in enumerate(blocks):
        yield {"type": "content_block_start", "index": at, "content_block": _block(kind, call)}
        for piece in _pieces(text):
            delta = {"type": "text_delta", "text": piece}
            if kind == "tool_use":
                delta = {"type": "input_json_delta", "partial_json": piece}
            yield {"type": "content_block_delta", "index": at, "delta": delta}
        yield {"type": "content_block_stop", "index": at}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": body["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": body["usage"]["output_tokens"]},
    }
    yield {"type": "message_stop"}


def _block(kind: str, call: ToolCall | None) -> dict[str, Any]:
    if call is None:
        return {"type": kind, "text": ""}
    return {"type": kind, "id": call.id, "name": call.name, "input": {}}
