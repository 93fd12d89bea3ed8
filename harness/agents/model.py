"""Our own small agent: a model and one tool, bash.  A yardstick, not a contender."""

from __future__ import annotations

import json
from typing import Any

from harness.agents import base, cli, model_settings
from harness.agents.base import Place
from harness.agents.model_ledger import ModelLedger
from harness.agents.model_settings import OPENAI, Home, Settings
from harness.agents.session import Session
from harness.agents.step_output import StepOutput
from harness.gateway import wire, write
from harness.gateway.model_channel import Exchange, Model
from harness.gateway.turns import Answer, ToolCall
from harness.models.trial import AgentSpec, TrialSpec

__all__ = ["Settings", "endpoint", "layer", "model_of", "play", "ready"]

layer = base.no_layer

HOME = Home(**{**OPENAI.model_dump(), "format": "chat"})

DEFAULT = "gpt-5"
"""The model that is asked for when the file names none."""

TRIES = 5
"""How often one question is asked before the agent gives up."""

SYSTEM = """\
You work in a Linux shell. Each call of the tool `bash` runs in one persistent session. Look before
you act, read what commands answer, and check your work before you finish."""

BASH = {
    "type": "function",
    "function": {
        "name": "bash",
        "description": "Run a command in the shell.",
        "parameters": {
            "type": "object",
            "properties": {"command": {"type": "string"}},
            "required": ["command"],
        },
    },
}


def ready(agent: AgentSpec) -> None:
    """Say before any container starts what is missing."""
    model_settings.ready(model_settings.settings_of(agent), HOME)


def endpoint(agent: AgentSpec) -> Place:  # noqa: ARG001 - all adapters are alike
    """Reach its model from this side."""
    return "host"


def model_of(agent: AgentSpec) -> Model:
    """Return its model."""
    return model_settings.model_of(model_settings.settings_of(agent), HOME)


def play(spec: TrialSpec, session: Session) -> None:
    """Ask the model, run what it asks for, until it asks for nothing more."""
    settings = model_settings.settings_of(spec.agent)
    channel = cli.endpoint_of(session).channel
    ledger = ModelLedger(session, settings, channel)
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": spec.task.instruction},
    ]
    while True:
        body = {"model": settings.model or DEFAULT, "messages": messages, "tools": [BASH]}
        answer = ask(session, ledger, json.dumps(body).encode())
        messages.append(write.whole("chat", answer, len(messages))["choices"][0]["message"])
        if not answer.calls and answer.text:
            session.say(answer.text)
            return
        if not answer.calls:
            messages.append({"role": "user", "content": "Your answer was empty. Go on."})
        for call in answer.calls:
            result = _run(session, call, answer.text or None)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def ask(session: Session, ledger: ModelLedger, raw: bytes) -> Answer:
    """Ask until there is an answer: what passes is outwaited, what does not ends the agent."""
    request = wire.request("chat", json.loads(raw))
    for number in range(1, TRIES + 1):
        session.time_left()
        exchange = ledger.channel.answer(request, raw, session.wait)
        ledger.hear(exchange)
        if exchange.kind == "answer" and exchange.reply is not None:
            return exchange.reply.answer
        if number == TRIES or not _passes(exchange):
            break
        after = exchange.refusal.after if exchange.refusal else None
        session.wait(0.2 * 2**number if after is None else after)
    error = ledger.unreachable()
    if error is not None:
        raise error
    raise cli.AgentCrashed(f"the model does not answer: {exchange.refusal or 'a cut stream'}")


def _passes(exchange: Exchange) -> bool:
    """Say whether asking again may help."""
    return exchange.refusal is None or exchange.refusal.status in {429, 500, 502, 503, 504, 529}


def _run(session: Session, call: ToolCall, message: str | None) -> str:
    if call.arguments is None:
        return f"The arguments are no JSON object: {call.raw}"
    if call.command is None:
        return "There is only the tool `bash`, with one argument: command."
    return _told(session.do(call.command, message))


def _told(seen: StepOutput) -> str:
    code = "unknown" if seen.exit_code is None else seen.exit_code
    return f"{seen.text}\n(exit code {code})"
