"""What models and agents say to one another, in one form for all wire formats."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field

from harness.models.values import Frozen

Format = Literal["chat", "responses", "messages", "gemini"]
"""OpenAI chat completions, OpenAI responses, Anthropic messages, Google generateContent."""


class ToolCall(Frozen):
    """The model asks for a tool.  `arguments` is None when they are no JSON object."""

    id: str
    name: str
    arguments: dict[str, Any] | None
    raw: str = ""
    """The arguments as they came, when they are no JSON object."""

    @property
    def text(self) -> str:
        """The arguments as they cross the wire."""
        return self.raw if self.arguments is None else json.dumps(self.arguments)

    @property
    def command(self) -> str | None:
        """The shell command it asks for, if it is one.

        >>> ToolCall(id="1", name="shell", arguments={"command": ["bash", "-lc", "ls"]}).command
        'ls'
        """
        if self.arguments is None or self.name.rsplit(".", 1)[-1].lower() not in SHELLS:
            return None
        asked = self.arguments.get("command", self.arguments.get("cmd"))
        if isinstance(asked, str):
            return asked
        if not isinstance(asked, list) or not all(isinstance(word, str) for word in asked):
            return None
        if len(asked) == 3 and asked[1] in {"-c", "-lc"}:  # noqa: PLR2004 - shell, flag, text
            return str(asked[2])
        return " ".join(asked)


SHELLS = frozenset(
    {
        "bash", "shell", "shell_command", "exec_command", "local_shell", "run_shell_command",
        "execute_bash", "terminal", "run_command", "developer__shell", "container.exec",
    }
)  # fmt: skip
"""Names under which agents offer a shell to their model."""


class ToolResult(Frozen):
    """What a tool answered."""

    id: str
    text: str


class Usage(Frozen):
    """Tokens of one exchange; None where the model does not say."""

    prompt: int | None = Field(default=None, ge=0)
    """All tokens of the prompt, the cached ones included."""
    completion: int | None = Field(default=None, ge=0)
    cached: int | None = Field(default=None, ge=0)
    """Those of the prompt that were read from a cache."""


def tokens(value: Any) -> int | None:
    """Return a number of tokens as it crossed the wire; None if it is none."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and value >= 0 else None


class Request(Frozen):
    """One request to the model: what is new in it since the last answer."""

    format: Format
    model: str
    stream: bool
    tools: dict[str, dict[str, Any]] = Field(default={})
    """Tool name -> JSON Schema of its arguments ({} where it has none)."""
    results: tuple[ToolResult, ...] = ()
    """Tool results that follow the last answer of the model."""
    text: str = ""
    """The last words of the user."""
    turns: int = 0
    """How many answers of the model it carries."""


class Answer(Frozen):
    """One answer of the model."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    model: str = ""
