"""The wire formats: what is written can be read again, and nothing that comes can do harm."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.gateway import models, wire, write
from harness.gateway.model_channel import Refusal
from harness.gateway.server import Gateway
from harness.gateway.turns import Answer, Format, Request, ToolCall, Usage

FORMATS: list[Format] = ["chat", "responses", "messages", "gemini"]
GEMINI_PATH = "/v1beta/models/m:streamGenerateContent"
SERVED = [*wire.PATHS, GEMINI_PATH]

texts = st.text(st.characters(codec="utf-8"), max_size=200)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
calls = st.builds(
    ToolCall,
    id=st.from_regex(r"call_[a-z0-9]{1,8}", fullmatch=True),
    name=st.sampled_from(["bash", "shell", "edit"]),
    arguments=st.dictionaries(texts, json_values, max_size=3),
)
counts = st.integers(0, 10**9)
usages = st.tuples(counts, counts, counts).map(
    lambda n: Usage(prompt=n[0] + n[2], completion=n[1], cached=n[2])
)
answers = st.builds(
    Answer,
    text=texts,
    calls=st.lists(calls, max_size=3, unique_by=lambda call: call.id).map(tuple),
    usage=usages,
    model=st.just("some-model"),
)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=60)
@given(answer=answers)
def test_a_whole_answer_comes_back_as_it_was(form: Format, answer: Answer) -> None:
    """What is written as one body reads as the same answer."""
    body = json.loads(json.dumps(write.whole(form, answer, 1)))
    assert answer == wire.answer(form, body)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=60)
@given(answer=answers)
def test_a_streamed_answer_comes_back_as_it_was(form: Format, answer: Answer) -> None:
    """What is written as a stream of events reads as the same answer."""
    assert answer == wire.read_stream(form, "".join(write.stream(form, answer, 1)))


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=60)
@given(answer=answers, data=st.data())
def test_a_stream_that_ends_early_is_read_as_far_as_it_came(
    form: Format, answer: Answer, data: st.DataObject
) -> None:
    """No prefix of a stream raises anything; the text read is a prefix of the text."""
    stream = "".join(write.stream(form, answer, 1))
    cut = stream[: data.draw(st.integers(0, len(stream)))]
    assert answer.text.startswith(wire.read_stream(form, cut).text)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_malformed_call_keeps_its_text(form: Format, stream: bool) -> None:
    """Arguments that are no JSON object come through as the text they are."""
    call = ToolCall(id="call_1", name="bash", arguments=None, raw='{"command": "ls')
    answer = Answer(calls=(call,), model="m", usage=Usage(prompt=1, completion=1, cached=0))
    body = "".join(write.stream(form, answer, 1)) if stream else write.whole(form, answer, 1)
    read = wire.read_stream(form, body) if isinstance(body, str) else wire.answer(form, body)
    assert answer == read


# --- requests ------------------------------------------------------------------------------

CHAT = {
    "model": "m",
    "tools": [{"type": "function", "function": {"name": "bash", "parameters": {"type": "object"}}}],
    "messages": [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "task"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "tool", "tool_call_id": "a", "content": "out"},
        {"role": "user", "content": [{"type": "text", "text": "more"}]},
    ],
}
RESPONSES = {
    "model": "m",
    "stream": True,
    "tools": [{"type": "function", "name": "shell", "parameters": {"type": "object"}}],
    "input": [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "task"}]},
        {"type": "reasoning", "summary": []},
        {"type": "function_call", "call_id": "a", "name": "shell", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "out"},
        {"type": "message", "role": "user", "content": "more"},
    ],
}
MESSAGES = {
    "model": "m",
    "tools": [{"name": "Bash", "input_schema": {"type": "object"}}],
    "messages": [
        {"role": "user", "content": "task"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "Bash"}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "a", "content": [{"text": "out"}]},
                {"type": "text", "text": "more"},
            ],
        },
    ],
}

GEMINI = {
    "tools": [{"functionDeclarations": [{"name": "sh", "parameters": {"type": "object"}}]}],
    "contents": [
        {"role": "user", "parts": [{"text": "task"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "sh", "args": {}}}]},
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "a", "name": "sh", "response": {"output": "out"}}},
                {"text": "more"},
            ],
        },
    ],
}


@pytest.mark.parametrize(
    ("form", "body"),
    [
        pytest.param("chat", CHAT, id="chat"),
        pytest.param("responses", RESPONSES, id="responses"),
        pytest.param("messages", MESSAGES, id="messages"),
        pytest.param("gemini", GEMINI, id="gemini"),
    ],
)
def test_a_request_is_what_is_new_since_the_last_answer(form: Format, body: Any) -> None:
    """Results and words after the model's last answer, and how many answers there were."""
    read = wire.request(form, body, GEMINI_PATH)
    assert [("a", "out")] == [(result.id, result.text) for result in read.results]
    assert ("more", 1, "m") == (read.text, read.turns, read.model)
    assert [{"type": "object"}] == list(read.tools.values())


@pytest.mark.parametrize(
    ("name", "arguments", "command"),
    [
        pytest.param("Bash", {"command": "ls"}, "ls", id="text"),
        pytest.param("shell", {"command": ["bash", "-lc", "ls -l"]}, "ls -l", id="a shell's words"),
        pytest.param("exec_command", {"cmd": "ls"}, "ls", id="cmd"),
        pytest.param("functions.shell", {"command": ["ls", "-l"]}, "ls -l", id="words"),
        pytest.param("edit", {"command": "ls"}, None, id="another tool"),
        pytest.param("bash", {"command": 5}, None, id="no text"),
        pytest.param("bash", None, None, id="no arguments"),
    ],
)
def test_a_shell_command_is_known_as_one(name: str, arguments: Any, command: str | None) -> None:
    """The tools by which agents run commands, and no others."""
    assert command == ToolCall(id="1", name=name, arguments=arguments).command


CACHED = {"cached_tokens": 4}


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(
            {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": CACHED},
            Usage(prompt=9, completion=2, cached=4),
            id="OpenAI counts the cached ones in",
        ),
        pytest.param(
            {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": 2},
            Usage(prompt=9, completion=2, cached=4),
            id="Anthropic counts them apart",
        ),
        pytest.param({}, Usage(), id="not said is not known"),
        pytest.param({"input_tokens": -1, "output_tokens": "x"}, Usage(), id="nonsense"),
    ],
)  # fmt: skip
def test_tokens_mean_the_same_in_all_formats(usage: Any, expected: Usage) -> None:
    """Prompt tokens include those that were read from a cache."""
    assert expected == wire.answer("chat", {"usage": usage}).usage


# --- hostile bodies ------------------------------------------------------------------------

keys = st.sampled_from(
    ["model", "messages", "input", "tools", "stream", "role", "content", "type", "function", "name",
     "parameters", "tool_calls", "tool_call_id", "call_id", "output", "text", "usage", "choices",
     "contents", "parts", "functionDeclarations", "functionResponse", "functionCall", "candidates"]
)  # fmt: skip
words = st.sampled_from(
    ["assistant", "user", "tool", "tool_result", "function_call", "x_output", "text", "\ud800"]
)
hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=30,
)


def with_gateway(path: str, raw: bytes) -> None:
    gateway = Gateway()
    with gateway.channel(lambda request, _: models.reply(request, Answer(text="hi"))) as channel:
        channel.close("nobody is here")
        with pytest.raises(Refusal):
            gateway.asked(channel.token, path, raw)


@pytest.mark.parametrize("path", SERVED)
@settings(max_examples=60)
@given(body=hostile)
def test_hostile_json_raises_nothing_but_a_refusal(path: str, body: Any) -> None:
    """Whatever JSON comes, the gateway refuses it or goes on to the model."""
    with_gateway(path, json.dumps(body).encode())


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"messages": ' + b"[" * 900 + b"]" * 900 + b"}", id="deep and whole"),
        pytest.param(b'{"messages": [{"role": "user", "content": "\\ud800"}]}', id="half a sign"),
        pytest.param(b'{"tools": [{"function": "x"}]}', id="a tool that is no object"),
        pytest.param(b'{"tools": [{"parameters": [1, 2, 3]}]}', id="a schema that is none"),
    ],
)  # fmt: skip
def test_hostile_bytes_raise_nothing_but_a_refusal(raw: bytes) -> None:
    """Bytes that are no request are refused."""
    for path in SERVED:
        with_gateway(path, raw)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("media", ["application/json", "text/event-stream"])
@settings(max_examples=60)
@given(body=hostile)
def test_a_providers_nonsense_is_a_value_error(form: Format, media: str, body: Any) -> None:
    """Whatever a provider answers is an answer or a ValueError."""
    content = json.dumps(body).encode()
    if media == "text/event-stream":
        content = b"data: " + content + b"\n\n"
    with contextlib.suppress(ValueError):
        assert isinstance(models.read(form, content, media), Answer)


def test_a_request_needs_no_field() -> None:
    """What is missing is empty, never guessed."""
    assert Request(format="chat", model="", stream=False) == wire.request("chat", {})


def test_geminis_model_and_manner_stand_in_the_path() -> None:
    """A provider is asked for the same model, streamed if it was asked so."""
    read = wire.request("gemini", {}, GEMINI_PATH)
    assert ("m", True) == (read.model, read.stream)
    assert wire.path(read) == GEMINI_PATH + "?alt=sse"
    whole = read.model_copy(update={"stream": False, "model": "n"})
    assert wire.path(whole) == "/v1beta/models/n:generateContent"
