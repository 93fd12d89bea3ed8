"""A trial as a chat: the instruction, a call of `bash` a step, the answers, the end.  Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from harness.datasets.material import Material, Turn
from harness.datasets.records import Action, Call, Function, Message

BASH: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "bash",
        "description": "Run a command in the sandbox's shell.",
        "parameters": {
            "type": "object",
            "properties": {"command": {"type": "string"}},
            "required": ["command"],
        },
    },
}


def open_chat(made: Material) -> list[Message]:
    """Return what every chat begins with."""
    return [Message(role="user", content=made.instruction)]


def messages(turns: Sequence[Turn]) -> list[Message]:
    """Return two messages a step: the call, and what came back."""
    found = []
    for turn in turns:
        found.append(call_message(turn.command, turn.said, turn.step))
        if turn.answer is not None:
            name = f"step-{turn.step}"
            found.append(Message(role="tool", content=turn.answer, tool_call_id=name))
    return found


def call_message(command: str, said: str, step: int) -> Message:
    """Return the assistant's message that runs a command."""
    call = Call(id=f"step-{step}", function=Function(name="bash", arguments=arguments(command)))
    return Message(role="assistant", content=said, tool_calls=(call,))


def close_chat(made: Material) -> list[Message]:
    """Return the agent's last words, if there are any."""
    return [Message(role="assistant", content=made.final)] if made.final else []


def action_message(action: Action, step: int) -> Message:
    """Return an action as the assistant's message."""
    return call_message(action.command, action.message or "", step)


def arguments(command: str) -> str:
    """Return the arguments of `bash` as JSON text."""
    return json.dumps({"command": command}, ensure_ascii=False)
