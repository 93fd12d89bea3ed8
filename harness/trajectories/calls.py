"""What agents' tool calls run, and which exit code an observation's text states."""

from __future__ import annotations

import json
import re
from typing import Any

SHELLS = frozenset((
    "bash", "bash_command", "bash_session", "execute", "execute_bash", "execute_command",
    "exec_command", "local_shell", "run", "run_command", "run_shell_command", "run_terminal_cmd",
    "shell", "shell_command", "terminal",
))  # fmt: skip
"""Tools whose argument is shell text."""

_TEXTS = ("command", "cmd", "keystrokes", "script", "code", "input")
"""Arguments that hold it, in the order in which they are asked."""

_STATED = [
    re.compile(pattern)
    for pattern in (
        r"\A\s*<returncode>(-?\d+)</returncode>",
        r"\A\s*(?:Exit code|exit code|Error: Exit code):? (-?\d+)\b",
        r"\[(?:The command completed|Command finished|Command completed) with exit code (-?\d+)\.?",
        r"\(exit (?:code|status):? (-?\d+)\)\s*\Z",
        r"\[exit (?:code|status):? (-?\d+)\]\s*\Z",
        r"\nExit (?:code|status): (-?\d+)\s*\Z",
    )
]


def command_of(tool: str, arguments: Any) -> str:
    """Return what a call runs: a shell's text as it is, else the tool and its arguments."""
    arguments = _decode(arguments)
    if isinstance(arguments, str):
        return arguments if tool in SHELLS or not tool else f"{tool} {arguments}"
    if not isinstance(arguments, dict):
        return tool
    text = _shell_text(arguments) if _is_shell(tool, arguments) else None
    return text if text is not None else f"{tool} {json.dumps(arguments, ensure_ascii=False)}"


def _decode(arguments: Any) -> Any:
    """Return arguments as an object where they are an object's JSON."""
    if isinstance(arguments, str) and arguments.lstrip().startswith("{"):
        try:
            return json.loads(arguments)
        except ValueError:
            return arguments
    return arguments


def _is_shell(tool: str, arguments: dict[str, Any]) -> bool:
    name = tool.rsplit(".", 1)[-1].lower()
    return name in SHELLS or "keystrokes" in arguments


def _shell_text(arguments: dict[str, Any]) -> str | None:
    for key in _TEXTS:
        value = arguments.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            shell = value[:1] and value[0].rsplit("/", 1)[-1] in ("bash", "sh", "zsh")
            return value[-1] if shell and len(value) > 2 else " ".join(value)  # noqa: PLR2004
    return None


def stated_exit(text: str | None) -> int | None:
    """Return the exit code that the text of an observation states in one of the known ways."""
    for pattern in _STATED:
        found = pattern.search(text or "")
        if found:
            return int(found[1])
    return None


def exit_in(*places: Any) -> int | None:
    """Return the exit code found in one of some objects, under one of its usual names."""
    for place in places:
        for key in ("exit_code", "returncode", "return_code", "exitCode", "exit_status"):
            value = place.get(key) if isinstance(place, dict) else None
            if isinstance(value, int) and not isinstance(value, bool):
                return value
    return None
