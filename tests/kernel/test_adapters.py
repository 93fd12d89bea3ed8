"""What an agent says to its model, turned into steps, records and an end: in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.agents.allowance import CutOff
from harness.agents.cli import AgentCrashed, Manners, Talk, run
from harness.agents.launching import ModelEndpoint
from harness.agents.model_ledger import ModelLedger
from harness.agents.model_settings import Settings
from harness.agents.steps_from_execs import steps_of
from harness.errors import HarnessError, ModelUnreachable
from harness.gateway.model_channel import Exchange, ModelChannel, Refusal, Reply
from harness.gateway.turns import Answer, Request, ToolCall, ToolResult, Usage
from harness.history import events
from harness.history.events import Action, Effect, Message, ModelCall, ModelError, Observation
from kernel_rooms import LOCK, Room, room

TOOLS: dict[str, dict[str, Any]] = {"bash": {}}


def asks(*results: ToolResult, tools: bool = True, model: str = "m", turns: int = 0) -> Request:
    """Return a request of the agent's."""
    return Request(
        format="chat", model=model, stream=False, tools=TOOLS if tools else {},
        results=results, turns=turns,
    )  # fmt: skip


def call(number: str, command: str, name: str = "bash") -> ToolCall:
    """Return what a model asks for."""
    return ToolCall(id=number, name=name, arguments={"command": command})


def hears(request: Request, answer: Answer | None = None, **facts: Any) -> Exchange:
    """Return an exchange: a request, or what became of it."""
    reply = Reply(answer=answer, chunks=(b"bytes",)) if answer is not None else None
    kind = "answer" if reply else "failed" if facts else "request"
    return Exchange(kind=kind, request=request, raw=b"body", reply=reply, **facts)  # type: ignore[arg-type]


def talk(made: Room, manners: Manners | None = None, **keys: Any) -> Talk:
    """Return a talk in a room that is handed over."""
    channel = ModelChannel(lambda *_: Reply(answer=Answer(), chunks=()))
    made.opened.callback(channel.dispose)
    given = Settings.model_validate({"scenario": {"turns": [{"say": "x"}]}, **keys})
    return Talk(made.begin(), given, channel, manners or Manners())


# --- steps ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "commands", "outputs"),
    [
        pytest.param(
            [
                hears(asks(), Answer(text="Look.", calls=(call("1", "ls"),))),
                hears(asks(ToolResult(id="1", text="a b"))),
            ],
            ["ls"], ["a b"], id="a command and its result",
        ),
        pytest.param(
            [hears(asks(), Answer(calls=(call("1", "ls"), call("2", "pwd"))))],
            ["ls", "pwd"], [], id="two at once, no result yet",
        ),
        pytest.param(
            [hears(asks(), Answer(calls=(call("1", "ls"),)))] * 2,
            ["ls"], [], id="the same answer once more",
        ),
        pytest.param([hears(asks(ToolResult(id="9", text="?")))], [], [], id="a result of nothing"),
        pytest.param([hears(asks(), Answer(text="Done."))], [], [], id="words alone"),
        pytest.param(
            [
                hears(asks(), Answer(text="Go.")),
                hears(asks(tools=False), Answer(calls=(call("1", "ls"),))),
            ],
            [], [], id="beside its work",
        ),
    ],
)  # fmt: skip
def test_a_talk_becomes_steps(
    heard: list[Exchange], commands: list[str], outputs: list[str]
) -> None:
    """A shell command that the model asks for is a step; the tool's result is what it saw."""
    with room() as made:
        ledger = talk(made)
        for exchange in heard:
            ledger.hear(exchange)
        assert commands == [event.command for event in made.found(Action)]
        assert outputs == [event.stdout for event in made.found(Observation)]


@pytest.mark.parametrize(
    ("manners", "text", "code"),
    [
        pytest.param(Manners(exit_code=r"exit code (\d+)"), "exit code 3", 3, id="it is said"),
        pytest.param(Manners(exit_code=r"exit code (\d+)"), "oh", None, id="it is not said"),
        pytest.param(Manners(silent_success=True), "oh", 0, id="silence is success"),
        pytest.param(Manners(), "exit code 3", None, id="it is not looked for"),
    ],
)
def test_exit_codes(manners: Manners, text: str, code: int | None) -> None:
    """Each agent has a way to tell how a command ended, or none."""
    assert code == manners.output_of(text).exit_code


@pytest.mark.parametrize(
    ("name", "said"),
    [("finish", "All done."), ("edit", "Go on.")],
    ids=["its last tool", "another"],
)
def test_other_tools(name: str, said: str) -> None:
    """A tool that is no shell is recorded; one that ends the talk has the last words."""
    asked = ToolCall(id="1", name=name, arguments={"message": "All done."})
    with room() as made:
        ledger = talk(made, Manners(closes="finish"))
        ledger.hear(hears(asks(), Answer(text="Go on.", calls=(asked,))))
        assert [name] == [event.tool for event in made.found(events.ToolCall)]
        assert (said, 0) == (ledger.said, len(made.found(Action)))


# --- the ledger ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "error", "match"),
    [
        pytest.param({"budget": {"tokens": 100}}, CutOff, "100 tokens", id="tokens"),
        pytest.param(
            {"budget": {"usd": 0.001}, "prices": {"m": {"prompt": 10, "completion": 10}}},
            CutOff, "0.001 USD", id="money",
        ),
        pytest.param({"budget": {"usd": 1}}, HarnessError, "`prices` lack", id="no price"),
        pytest.param({"budget": {"tokens": 120}}, None, "", id="not more than there is"),
        pytest.param({}, None, "", id="no budget"),
    ],
)  # fmt: skip
def test_budgets(keys: dict[str, Any], error: type[BaseException] | None, match: str) -> None:
    """The answer that goes beyond the budget is recorded, and ends the agent."""
    answer = Answer(usage=Usage(prompt=100, completion=20))
    with room() as made:
        ledger: ModelLedger = talk(made, **keys)
        if error is None:
            ledger.hear(hears(asks(), answer))
        else:
            with pytest.raises(error, match=match):
                ledger.hear(hears(asks(), answer))
        assert [(100, 20)] == [(e.prompt, e.completion) for e in made.found(ModelCall)]


@pytest.mark.parametrize(
    ("facts", "by", "status"),
    [
        pytest.param({"refusal": Refusal(529, "x", "full", ours=True)}, "model", 529, id="model"),
        pytest.param({"refusal": Refusal(429, "x", "slow"), "effect": 1}, "fault", 429, id="fault"),
        pytest.param({"refusal": Refusal(404, "x", "no")}, "gateway", 404, id="gateway"),
        pytest.param({"seconds": 1.0}, "gateway", None, id="a cut stream"),
    ],
)
def test_failures(facts: dict[str, Any], by: str, status: int | None) -> None:
    """A missing answer is recorded, with whose failure it is; a fault's is an effect."""
    with room({**LOCK, "when": "start"}) as made:
        ledger = talk(made)
        ledger.hear(hears(asks(), **facts))
        assert [(by, status)] == [(event.by, event.status) for event in made.found(ModelError)]
        assert [1] * (by == "fault") == [event.count for event in made.found(Effect)]
        assert (ledger.unreachable() is not None) is (by == "model")
        ledger.hear(hears(asks(), Answer()))
        assert ledger.unreachable() is None


def test_a_channel_is_closed_when_the_agent_is_cut_off() -> None:
    """After the end no exchange goes on, and none waits."""
    with room() as made:
        ledger = talk(made, budget={"tokens": 1})
        exchange = hears(asks(), Answer(usage=Usage(prompt=9)))
        ledger.channel._waiting.put(exchange)
        with pytest.raises(CutOff):
            ledger.pump()
        assert exchange.done.is_set()
        assert ledger.channel.closed == "the budget of 1 tokens is spent"


# --- programs ------------------------------------------------------------------------------


def _cut(made: Room) -> None:
    made.container.programs["agent"] = iter(lambda: (1, b"."), None)


def _fine(made: Room) -> None:
    made.container.programs["agent"] = [(1, b"out")]


@pytest.mark.parametrize(
    ("prepare", "code", "trouble", "error"),
    [
        pytest.param(_fine, 0, False, None, id="it ends well"),
        pytest.param(_fine, 3, False, AgentCrashed, id="it ends badly"),
        pytest.param(_fine, 3, True, ModelUnreachable, id="its model was away"),
        pytest.param(_cut, 0, False, CutOff, id="it does not end"),
        pytest.param(_cut, 0, True, ModelUnreachable, id="it waits for its model"),
    ],
)
def test_how_a_program_ends(
    prepare: Callable[[Room], None],
    code: int,
    trouble: bool,
    error: type[BaseException] | None,
) -> None:
    """A bad end is the agent's, unless the model could not be reached; its logs are kept."""
    with room(limits={"seconds": 1}) as made:
        prepare(made)
        made.container.exit_code = code
        made.container.run("echo noted > /log", 1)
        ledger = talk(made, logs=["/log"])
        ledger.said = "STATUS: done"
        if trouble:
            ledger.hear(hears(asks(), refusal=Refusal(502, "x", "away", ours=True)))
        endpoint = ModelEndpoint(url="http://x", channel=ledger.channel)
        if error is None:
            run(ledger, ["agent"], {}, endpoint)
        else:
            with pytest.raises(error):
                run(ledger, ["agent"], {}, endpoint)
        assert "/log" in [event.name for event in made.found(events.Logged)]
        said = error in {None, AgentCrashed}
        assert ["STATUS: done"] * said == [event.text for event in made.found(Message)]


def test_executions_become_steps() -> None:
    """Where the model is not asked for tools, what the agent itself executes are its steps."""
    with room(filtered=True) as made:
        session = made.begin()
        assert made.filter is not None
        made.container.programs["agent"] = [(1, b"."), (1, b".")]
        leader = made.filter.tree.leader
        with steps_of(session):
            made.filter.see("exec", 31, leader, ["git", "status"])
            made.filter.see("exec", 32, 31, ["ssh"])
            made.filter.see("exec", 33, leader, ["git", "add"])
            session.launch(["agent"], {}, lambda: None)
        assert ["git status", "git add"] == [event.command for event in made.found(Action)]
        assert [1, 2] == [event.step for event in made.found(Observation)]


def test_without_the_exec_filter_there_are_no_such_steps() -> None:
    """An agent whose commands only the filter can see needs it."""
    with room() as made, pytest.raises(HarnessError, match="needs the exec filter"):
        with steps_of(made.begin()):
            pass
