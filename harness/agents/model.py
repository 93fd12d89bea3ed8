"""Our own small agent: a model and one tool, bash.  A yardstick, not a contender."""

from __future__ import annotations

import json
from typing import Any

from harness.agents import cli
from harness.errors import HarnessError
from harness.gateway import wire, write
from harness.gateway.desk import Refusal
from harness.gateway.turn import Answer, ToolCall
from harness.models import AgentSpec, Spec
from harness.session import Observation, Session

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

DEFAULT = "gpt-5"
"""The model that is asked for when the settings name none."""


def ready(agent: AgentSpec) -> None:
    """Say before any container starts what is missing."""
    cli.ready(agent)


def play(spec: Spec, session: Session) -> None:
    """Ask the model, run what it asks for, until it asks for nothing more."""
    model = cli.model_of(spec.agent)
    name = cli.settings_of(spec.agent).model or DEFAULT
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": spec.task.instruction},
    ]
    while True:
        body = {"model": name, "messages": messages, "tools": [BASH], "stream": False}
        raw = json.dumps(body).encode()
        try:
            answer = model(wire.request("chat", body), raw).answer
        except Refusal as refusal:
            raise HarnessError(f"the model could not be reached: {refusal}") from None
        _record(session, answer, name, len(messages))
        messages.append(write.whole("chat", answer, len(messages))["choices"][0]["message"])
        if not answer.calls:
            session.say(answer.text)
            return
        for call in answer.calls:
            result = _run(session, call, answer.text or None)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def _record(session: Session, answer: Answer, model: str, turn: int) -> None:
    usage = answer.usage
    session.record(
        "asked", turn=turn // 2, model=model, prompt=usage.prompt, completion=usage.completion,
        cached=usage.cached, text=answer.text,
    )  # fmt: skip


def _run(session: Session, call: ToolCall, message: str | None) -> str:
    if call.command is None:
        return "There is only the tool `bash`, with one argument: command."
    return _told(session.do(call.command, message))


def _told(seen: Observation) -> str:
    code = "unknown" if seen.exit_code is None else seen.exit_code
    return f"{seen.text}\n(exit code {code})"
