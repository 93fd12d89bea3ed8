"""mini-swe-agent's `.traj.json`, versions 1 and 2: messages with the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.trajectories.calls import stated_exit
from harness.trajectories.documents import document, read_object, rows, section, text_of, without
from harness.trajectories.trajectory import Reading, Step, Trajectory, join

_BLOCK = re.compile(r"```(?:bash|sh|mswea_bash_command)?[ \t]*\n(.*?)\n?```", re.DOTALL)
_OUTPUT = re.compile(r"<output>\n?(.*?)\n?</output>", re.DOTALL)


def claims(path: Path) -> bool:
    """Say whether a JSON file has messages beside `info`, or the usual name."""
    if path.name.endswith(".traj.json"):
        return True
    found = document(path) if path.suffix == ".json" and path.is_file() else None
    return isinstance(found, dict) and str(found.get("trajectory_format")).startswith("mini-swe")


def read(path: Path) -> Reading:
    """Return the file's one trajectory."""
    name = path.name.removesuffix(".json").removesuffix(".traj")
    return read_object(path, lambda found: Reading((_trajectory(found, name),)))


def _trajectory(found: dict[str, Any], name: str) -> Trajectory:
    info = section(found.get("info"))
    config = section(info.get("config"))
    model = section(config.get("model")).get("model_name")
    task = found.get("instance_id")
    return Trajectory(
        id=name,
        steps=tuple(_steps(rows(found.get("messages"), "messages"))),
        task=task if isinstance(task, str) else name,
        agent="mini-swe-agent",
        model=model if isinstance(model, str) else None,
        extra=without(found, "messages", "instance_id"),
    )


def _steps(messages: list[dict[str, Any]]) -> Iterator[Step]:
    for place, message in enumerate(messages):
        actions = _actions(message)
        if actions:
            yield from _pair_answers(message, actions, _answers(messages[place + 1 :]))


def _actions(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the commands of an assistant's message, from its extra or else from its text."""
    actions = section(message.get("extra")).get("actions")
    if isinstance(actions, list):
        return [action for action in actions if isinstance(section(action).get("command"), str)]
    if message.get("role") != "assistant":
        return []
    block = _BLOCK.search(text_of(message.get("content")) or "")
    return [{"command": block[1].strip()}] if block else []


def _answers(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages up to the next of the assistant."""
    found = []
    for message in messages:
        if message.get("role") == "assistant" or message.get("object") == "response":
            break
        found.append(message)
    return found


def _pair_answers(
    message: dict[str, Any], actions: list[dict[str, Any]], answers: list[dict[str, Any]]
) -> Iterator[Step]:
    addressed = {answer.get("tool_call_id") or answer.get("call_id"): answer for answer in answers}
    words = text_of(message.get("content"))
    for place, action in enumerate(actions):
        answer = addressed.get(action.get("tool_call_id"))
        if answer is None or action.get("tool_call_id") is None:
            answer = answers[place] if place < len(answers) else None
        yield _step(action, answer, words if place == 0 else None)


def _step(action: dict[str, Any], answer: dict[str, Any] | None, words: str | None) -> Step:
    extra = section(section(answer).get("extra"))
    code = extra.get("returncode")
    failed = extra.get("exception_info") or None
    shown = text_of(section(answer).get("content"))
    output = extra.get("raw_output")
    return Step(
        command=action["command"],
        exit_code=None if failed else code if isinstance(code, int) else stated_exit(shown),
        output=join([output, failed]) or "" if isinstance(output, str) else _strip_tags(shown),
        message=words,
        extra={
            **without(action, "command", "tool_call_id"),
            **without(extra, "raw_output", "returncode"),
        },
    )


def _strip_tags(text: str | None) -> str | None:
    """Return the output within what the agent was shown."""
    found = _OUTPUT.search(text or "")
    return found[1] if found else text
