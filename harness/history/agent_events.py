"""The events of an agent: what it does, sees and says; see `harness.history.events`."""

from __future__ import annotations

from typing import Any, Literal

from harness.history.base import BaseEvent, Numbers, Text, Texts


class AgentEvent(BaseEvent):
    """Of the agent."""

    who: Literal["agent"] = "agent"


class Action(AgentEvent):
    """The agent runs a command: a step begins."""

    what: Literal["action"] = "action"
    step: int
    """From 1."""
    command: Text
    message: Text | None = None
    """The words that came with it."""


class Observation(AgentEvent):
    """What came back: the step is over."""

    what: Literal["observation"] = "observation"
    step: int
    stdout: Text = ""
    stderr: Text = ""
    exit_code: int | None = None
    pipestatus: Numbers | None = None
    seconds: float | None = None
    timed_out: bool = False
    died: bool = False
    """The shell ended."""
    cut: bool = False
    """The output is shortened."""
    note: Text | None = None
    """What the channel had to say: a time-out, a new shell."""
    artifacts: Texts = ()
    """sha256 of the whole stdout and stderr, where they are shortened."""
    digest: Text | None = None
    """State after the step."""
    changed: bool = False
    """The digest differs from the one before."""
    paths: Texts = ()
    """What of the state differs: paths, `port N`."""


class Message(AgentEvent):
    """The agent's own words."""

    what: Literal["message"] = "message"
    text: Text
    final: bool = False
    """Nothing follows; the last line carries the claim."""


class Exec(AgentEvent):
    """A program that the agent's processes execute, as the exec filter sees it."""

    what: Literal["exec"] = "exec"
    step: int
    argv: Texts = ()
    cwd: Text | None = None
    """The folder that it begins in."""
    pid: int | None = None
    parent: int | None = None


class ModelCall(AgentEvent):
    """The agent's model answered.  Tokens are None where the provider does not say."""

    what: Literal["model_call"] = "model_call"
    turn: int
    model: Text = ""
    format: Text = ""
    tools: bool = False
    media: Text = ""
    prompt: int | None = None
    completion: int | None = None
    cached: int | None = None
    usd: float | None = None
    seconds: float | None = None
    text: Text = ""
    broken: bool = False
    """A fault altered the answer."""
    request: Text = ""
    response: Text = ""


class ModelError(AgentEvent):
    """The agent's model gave no answer."""

    what: Literal["model_error"] = "model_error"
    turn: int
    status: int | None = None
    """The HTTP status, where there was one."""
    message: Text = ""
    by: Literal["fault", "model", "gateway"] = "gateway"
    request: Text = ""


class ToolCall(AgentEvent):
    """The agent uses a tool that is no shell."""

    what: Literal["tool_call"] = "tool_call"
    tool: Text
    arguments: Any = None
    """As parsed from JSON; None where that failed, then `raw` has the text."""
    raw: Text | None = None


class Logged(AgentEvent):
    """Something that the agent wrote beside its work."""

    what: Literal["logged"] = "logged"
    name: Text
    artifacts: Texts = ()


class Surveyed(AgentEvent):
    """Whether a step changed anything at all that the next step could notice."""

    what: Literal["surveyed"] = "surveyed"
    step: int
    changed: bool


class Stopped(AgentEvent):
    """The agent's part is over."""

    what: Literal["stopped"] = "stopped"
    how: Literal["ended", "crashed", "cut-off"]
    word: Text = ""
    """ended, crashed, timed out, out of steps, budget spent"""
    why: Text = ""
