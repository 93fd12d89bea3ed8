"""The gateway over real HTTP on the loopback interface, and the models behind it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from harness.errors import HarnessError, InputError, ModelUnreachable
from harness.gateway import faults, models, recording
from harness.gateway.faults import ModelFault
from harness.gateway.model_channel import Exchange, Model, ModelChannel, Refusal, Reply
from harness.gateway.models import Provider
from harness.gateway.scenario import Line, Scenario, player, shell_call
from harness.gateway.server import Gateway, serve
from harness.gateway.turns import Answer, Format, Request, ToolResult
from harness.history.events import Event, ModelCall

BASH = {"name": "bash", "parameters": {"type": "object", "properties": {"command": {}}}}
CHAT_TOOL = {"type": "function", "function": BASH}
TOOLS = {"bash": {"type": "object", "properties": {"command": {"type": "string"}}}}


def request(
    text: str = "", *, turns: int = 0, form: Format = "chat", tools: bool = True, results: str = ""
) -> Request:
    return Request(
        format=form, model="m", stream=False, text=text, turns=turns,
        tools=TOOLS if tools else {},
        results=(ToolResult(id="1", text=results),) if results else (),
    )  # fmt: skip


@contextlib.contextmanager
def trial(model: Model) -> Iterator[tuple[str, ModelChannel, list[Exchange]]]:
    """Serve a model, with a thread that lets every exchange go on as a trial's does."""
    heard: list[Exchange] = []
    over = threading.Event()
    with serve(Gateway()) as gateway, gateway.channel(model) as channel:

        def attend() -> None:
            while not over.wait(0.005):
                for exchange in channel.take():
                    heard.append(exchange)
                    exchange.done.set()

        thread = threading.Thread(target=attend)
        thread.start()
        try:
            yield f"http://{gateway.address[0]}:{gateway.address[1]}", channel, heard
        finally:
            over.set()
            thread.join()


SCRIPT = Scenario(turns=(Line(say="Let me look.", run="ls"), Line(say="STATUS: done")))


def post(url: str, path: str, token: str, body: Any) -> httpx.Response:
    return httpx.post(
        url + path, json=body, headers={"authorization": f"Bearer {token}".strip()}, timeout=20
    )


# --- over HTTP -----------------------------------------------------------------------------


def test_the_openai_client_talks_to_it() -> None:
    """Chat completions and responses, whole and streamed, as the provider's own client does."""
    with trial(models.scenario_model(Scenario(turns=(Line(say="hi", run="ls", again=True),)))) as (
        url, channel, heard,
    ), openai.OpenAI(base_url=url + "/v1", api_key=channel.token) as client:  # fmt: skip
        said: list[dict[str, Any]] = [{"role": "user", "content": "x"}]
        chat: Any = client.chat.completions
        whole = chat.create(model="m", messages=said, tools=[CHAT_TOOL])
        assert ("hi", "ls") == (
            whole.choices[0].message.content,
            json.loads(whole.choices[0].message.tool_calls[0].function.arguments)["command"],
        )
        parts = chat.create(model="m", messages=said, tools=[CHAT_TOOL], stream=True)
        text = "".join(c.choices[0].delta.content or "" for c in parts if c.choices)
        assert text == "hi"
        responses: Any = client.responses
        assert responses.create(model="m", input="x").output_text == "hi"
        kinds = [event.type for event in responses.create(model="m", input="x", stream=True)]
        assert ("response.created", "response.completed") == (kinds[0], kinds[-1])
        assert heard[1].reply is not None
        assert (100, 20) == (heard[1].reply.answer.usage.prompt, whole.usage.completion_tokens)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_messages_over_http(stream: bool) -> None:
    """Anthropic's format, with the key in its own header."""
    with trial(models.scenario_model(SCRIPT)) as (url, channel, _):
        body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "x"}]}
        got = httpx.post(url + "/v1/messages", json=body, headers={"x-api-key": channel.token})
        read = models.read("messages", got.content, got.headers["content-type"])
        assert (200, "Let me look.") == (got.status_code, read.text)


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        pytest.param("/v1/chat/completions", "sk-wrong", 401, id="a wrong token"),
        pytest.param("/v1/chat/completions", "", 401, id="no token"),
        pytest.param("/v1/embeddings", None, 404, id="no model path"),
        pytest.param("/v1/messages", None, 200, id="the trial's token"),
    ],
)
def test_who_is_served(path: str, token: str | None, status: int) -> None:
    """A trial's token opens the trial's channel, and model paths only."""
    with trial(models.scenario_model(SCRIPT)) as (url, channel, _):
        given = channel.token if token is None else token
        assert status == post(url, path, given, {"messages": []}).status_code


def test_a_closed_channel_answers_no_more() -> None:
    """A waiting request is let go, and a later one is refused."""
    with trial(models.scenario_model(SCRIPT)) as (url, channel, _):
        channel.close("the budget is spent")
        got = post(url, "/v1/messages", channel.token, {"messages": []})
        assert (403, "the budget is spent") == (got.status_code, got.json()["error"]["message"])


def test_a_request_in_a_channel_that_closes_is_let_go() -> None:
    """The exchange is not heard; closing ends the wait with a refusal."""
    channel = ModelChannel(models.scenario_model(SCRIPT))
    refused: list[Refusal] = []

    def ask() -> None:
        try:
            channel.exchange(request(), b"{}")
        except Refusal as refusal:
            refused.append(refusal)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.05)
    channel.dispose()
    thread.join(5)
    assert [403] == [refusal.status for refusal in refused]


# --- the scripted model --------------------------------------------------------------------


def test_a_scenario_plays_what_fits() -> None:
    """The first line not yet played whose `when` matches; at the end the last words again."""
    play = player(
        Scenario(turns=(Line(when="lock", say="a lock"), Line(say="first"), Line(say="second")))
    )
    asked = [request("go"), request(results="index.lock exists", turns=1), request("x", turns=2)]
    said = [play(each).text for each in [*asked, request("y", turns=3)]]
    assert ["first", "a lock", "second", "second"] == said


def test_a_lost_answer_is_given_again() -> None:
    """The same request gets the same answer: an agent that tries again has not gone on."""
    play = player(Scenario(turns=(Line(say="one"), Line(say="two"))))
    assert ["one", "one", "two"] == [play(r).text for r in (request(), request(), request("x"))]


def test_a_command_fits_the_tool_that_the_agent_offers() -> None:
    """What else the tool requires is filled with something that its schema allows."""
    risk = {"type": "string", "enum": ["UNKNOWN", "LOW"]}
    properties = {"command": {"type": "string"}, "security_risk": risk, "is_input": {}}
    schema = {"properties": properties, "required": ["command", "security_risk"]}
    asked = request().model_copy(update={"tools": {"terminal": schema}})
    expected = ("terminal", {"command": "ls", "security_risk": "UNKNOWN"})
    assert expected == shell_call("ls", asked)


def test_requests_without_tools_can_be_put_aside() -> None:
    """Titles and summaries do not use up the script."""
    play = player(Scenario(turns=(Line(say="one"),), aside="A title"))
    assert ["A title", "one"] == [play(request(tools=False)).text, play(request()).text]


# --- recordings ----------------------------------------------------------------------------


def recorded_answers(tmp_path: Path, *answers: tuple[int, bool, str]) -> list[recording.Recorded]:
    events: list[Event] = []
    for number, (turn, tools, text) in enumerate(answers):
        body = models.reply(request(), Answer(text=text)).chunks[0]
        (tmp_path / f"a{number}").write_bytes(body)
        events.append(
            ModelCall(
                turn=turn, tools=tools, format="chat", media="application/json",
                response=f"a{number}",
            )
        )  # fmt: skip
    return recording.read_recording(events, tmp_path)


def said(model: Model, asked: Request) -> str:
    return model(asked, b"{}").answer.text


def test_recorded_answers_are_matched_by_turn(tmp_path: Path) -> None:
    """Each turn gets its own answer, in whatever order and format it is asked."""
    play = recording.player(
        recorded_answers(tmp_path, (1, True, "a"), (1, False, "title"), (2, True, "b"))
    )
    assert "b" == said(play, request(turns=1, form="messages"))
    assert ["title", "a", "a"] == [
        said(play, request(tools=tools)) for tools in (False, True, True)
    ]


def test_a_recording_makes_nothing_up(tmp_path: Path) -> None:
    """A turn beyond it is refused, and says so."""
    play = recording.player(recorded_answers(tmp_path, (1, True, "a")))
    with pytest.raises(Refusal, match="no answer for turn 3"):
        play(request(turns=2), b"{}")


def test_a_recording_goes_on_live_after_a_turn(tmp_path: Path) -> None:
    """The first k answers are recorded ones, the others the model's own."""
    live = models.scenario_model(Scenario(turns=(Line(say="live"),)))
    recorded = recorded_answers(tmp_path, (1, True, "a"), (2, True, "b"))
    play = recording.player(recorded, live, after=1)
    assert ["a", "live"] == [said(play, request(turns=turn)) for turn in (0, 1)]


def test_a_lost_recording_is_said(tmp_path: Path) -> None:
    """An artifact that is gone is an error that names it."""
    with pytest.raises(HarnessError, match="gone: a recorded answer is lost"):
        recording.read_recording([ModelCall(turn=1, tools=True, response="gone")], tmp_path)


# --- the model fails -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "form", "status", "kind"),
    [
        pytest.param("rate_limit", "chat", 429, "rate_limit_error", id="rate limit"),
        pytest.param("overloaded", "chat", 503, "overloaded_error", id="overloaded"),
        pytest.param("overloaded", "messages", 529, "overloaded_error", id="Anthropic's number"),
        pytest.param("error", "responses", 500, "api_error", id="error"),
        pytest.param("time_out", "chat", 504, "timeout_error", id="time-out"),
        pytest.param("too_long", "chat", 400, "context_length_exceeded", id="too long"),
        pytest.param("too_long", "messages", 400, "invalid_request_error", id="too long, messages"),
    ],
)
def test_faults_that_are_refusals(what: faults.Way, form: Format, status: int, kind: str) -> None:
    """Each is the error that a provider of that format answers with, and an effect."""
    channel = ModelChannel(models.scenario_model(SCRIPT))
    channel.trouble = faults.trouble(ModelFault(what=what, after=0.01))
    exchange = channel.answer(request(form=form), b"{}", time.sleep)
    channel.dispose()
    assert exchange.refusal is not None
    assert (status, kind, 1) == (exchange.refusal.status, exchange.refusal.kind, exchange.effect)
    assert not exchange.ours


@pytest.mark.parametrize("what", ["rate_limit", "cut", "empty", "malformed"])
def test_what_is_beside_the_work_passes(what: faults.Way) -> None:
    """A request without tools meets no fault, and counts as none."""
    channel = ModelChannel(models.scenario_model(SCRIPT))
    channel.trouble = faults.trouble(ModelFault(what=what))
    exchange = channel.answer(request(tools=False), b"{}", time.sleep)
    channel.dispose()
    assert ("answer", 0) == (exchange.kind, exchange.effect)


def test_a_retry_after_is_told_over_http() -> None:
    """429 with Retry-After; when the fault is mended the next answer comes."""
    with trial(models.scenario_model(SCRIPT)) as (url, channel, heard):
        body = {"model": "m", "tools": [CHAT_TOOL], "messages": []}
        channel.trouble = faults.trouble(ModelFault(what="rate_limit", after=7))
        got = post(url, "/v1/chat/completions", channel.token, body)
        assert (429, "7") == (got.status_code, got.headers["retry-after"])
        channel.mend()
        assert post(url, "/v1/chat/completions", channel.token, body).status_code == 200
        assert [0, 1, 0, 0] == [exchange.effect for exchange in heard]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_cut_answer_ends_in_the_middle(stream: bool) -> None:
    """The client sees its connection end before the answer does."""
    with trial(models.scenario_model(SCRIPT)) as (url, channel, heard):
        channel.trouble = faults.trouble(ModelFault(what="cut"))
        body = {"model": "m", "tools": [CHAT_TOOL], "messages": [], "stream": stream}
        with pytest.raises(httpx.RemoteProtocolError):
            post(url, "/v1/chat/completions", channel.token, body)
        assert ("failed", 1) == (heard[-1].kind, heard[-1].effect)


def test_a_malformed_call_counts_only_where_there_is_a_call() -> None:
    """An answer without a call has nothing to break."""
    channel = ModelChannel(models.scenario_model(SCRIPT))
    channel.trouble = faults.trouble(ModelFault(what="malformed"))
    first = channel.answer(request(), b"{}", time.sleep)
    second = channel.answer(request(turns=1), b"{}", time.sleep)
    channel.dispose()
    assert first.reply is not None
    assert (None, 1, 0) == (first.reply.answer.calls[0].arguments, first.effect, second.effect)


# --- a provider ----------------------------------------------------------------------------

KEY = "sk-planted-0123456789"


class Upstream(BaseHTTPRequestHandler):
    """A provider with known answers: (status, body) by turn, the last one for ever."""

    answers: list[tuple[int, bytes]]
    got: list[tuple[str, dict[str, str], Any]]

    def do_GET(self) -> None:
        self._answer(b"null")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["content-length"])))

    def _answer(self, body: bytes) -> None:
        self.got.append((self.path, dict(self.headers.items()), json.loads(body)))
        status, said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def upstream(*answers: tuple[int, bytes]) -> Iterator[tuple[str, type[Upstream]]]:
    handler = type("Handler", (Upstream,), {"answers": list(answers), "got": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()
        thread.join()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PLANTED_KEY", KEY)
    return "PLANTED_KEY"


GOOD = json.dumps(
    {"model": "real", "choices": [{"message": {"content": f"your key is {KEY}"}}]}
).encode()


def asked(url: str, key: str, **more: Any) -> Reply:
    ask = models.provider_model(Provider(base_url=url, key_env=key, **more), pause=0.001)
    return ask(request(), b'{"model": "m", "messages": []}')


def test_only_the_provider_gets_the_key(key: str) -> None:
    """The key goes upstream in the header; an answer that repeats it is made clean."""
    with upstream((200, GOOD)) as (url, handler):
        reply = asked(url, key, model="real")
    path, headers, body = handler.got[0]
    assert ("/v1/chat/completions", f"Bearer {KEY}") == (path, headers["authorization"])
    assert "real" == body["model"]
    assert "your key is (key)" == reply.answer.text
    assert KEY.encode() not in b"".join(reply.chunks)


def test_what_passes_is_tried_again(key: str) -> None:
    """A provider's own hiccups are no part of the experiment."""
    with upstream((503, b"{}"), (429, b"{}"), (200, GOOD)) as (url, handler):
        assert asked(url, key).status == 200
        assert len(handler.got) == 3


@pytest.mark.parametrize(
    ("status", "body", "ours"),
    [
        pytest.param(503, b"{}", True, id="down"),
        pytest.param(401, KEY.encode(), True, id="a wrong key"),
        pytest.param(404, b"no such model", True, id="no such model"),
        pytest.param(400, b"prompt is too long", False, id="the agent asked badly"),
        pytest.param(200, b"<html>", True, id="no JSON"),
        pytest.param(200, b'{"choices": 5}', True, id="no answer"),
    ],
)
def test_whose_failure_it_is(key: str, status: int, body: bytes, ours: bool) -> None:
    """A provider that fails says nothing about the agent; a request that it refuses does."""
    with upstream((status, body)) as (url, _):
        with pytest.raises(Refusal) as refused:
            asked(url, key)
    assert ours == refused.value.ours
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        pytest.param([(200, b"{}")], None, "", id="answers"),
        pytest.param([(404, b"{}")], None, "", id="has no list of models"),
        pytest.param([(401, b"{}")], InputError, "refuses the key in PLANTED_KEY", id="wrong key"),
    ],
)
def test_readiness(
    key: str, answers: list[tuple[int, bytes]], error: type[Exception] | None, words: str
) -> None:
    """What is missing is said before anything starts."""
    with upstream(*answers) as (url, _):
        provider = Provider(base_url=url, key_env=key)
        if error is None:
            models.ready(provider, "chat")
        else:
            with pytest.raises(error, match=words):
                models.ready(provider, "chat")


def test_an_unreachable_model_is_said_with_a_remedy(key: str) -> None:
    """Nothing listens there."""
    with pytest.raises(ModelUnreachable, match=r"does not answer.*base_url"):
        models.ready(Provider(base_url="http://127.0.0.1:9", key_env=key), "chat")


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy is the variable's name."""
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(InputError, match="set NO_SUCH_KEY"):
        models.ready(Provider(base_url="http://127.0.0.1:9", key_env="NO_SUCH_KEY"), "chat")
