"""Who can act in a sandbox: one small module an adapter, all of them in one table.

An adapter is a module (or, for a CLI in the sandbox, a `cli.Cli`) with one function:

    play(spec, session) -> None     act with `session.do(command)`, speak with `session.say(text)`

Returning is stopping.  `session.do` raises `CutOff` when the task's limits are used up; an
adapter lets it pass.  It may have

    Settings              a pydantic model: the keys of its agent file (`harness.agents.registry`)
    ready(agent)          say before anything starts what is missing
    layer(agent)          the Dockerfile of an image layer with the agent on the sandbox, or None
    LINE                  its model is at the gateway, which it reaches from: "sandbox", "host"

Other packages add adapters by entry points of the group `harness.agents`: NAME = "module".
"""

from functools import cache
from importlib import import_module, metadata
from types import ModuleType

from harness.agents import (
    aider,
    claude_code,
    codex,
    command,
    commands,
    continuation,
    gemini_cli,
    mcp,
    mini_swe_agent,
    model,
    opencode,
    openhands,
    program,
    scripted,
)
from harness.agents.cli import Cli
from harness.errors import HarnessError
from harness.models.nouns import AgentSpec

Adapter = ModuleType | Cli

TABLE: dict[str, Adapter] = {
    "aider": aider.CLI,
    "claude-code": claude_code.CLI,
    "codex": codex.CLI,
    "command": command,
    "commands": commands,
    "continued": continuation,
    "gemini-cli": gemini_cli.CLI,
    "mcp": mcp,
    "mini-swe-agent": mini_swe_agent,
    "model": model,
    "opencode": opencode.CLI,
    "openhands": openhands.CLI,
    "program": program,
    "scripted": scripted,
}

GROUP = "harness.agents"
"""The group of entry points by which other packages bring adapters."""


@cache
def adapters() -> dict[str, Adapter]:
    """Return all adapters by name: our own, and those that other packages bring."""
    return {**{point.name: _loaded(point) for point in metadata.entry_points(group=GROUP)}, **TABLE}


def _loaded(point: metadata.EntryPoint) -> ModuleType:
    try:
        module = import_module(point.module)
    except Exception as error:
        raise HarnessError(f"the adapter {point.name} ({point.value}): {error}") from error
    if not hasattr(module, "play"):
        raise HarnessError(f"the adapter {point.name} ({point.value}) has no function `play`")
    return module


def endpoint_of(agent: AgentSpec) -> str | None:
    """Return from where an agent reaches its model at the gateway; None: it has none there."""
    line = getattr(adapters()[agent.adapter], "LINE", None)
    return line(agent) if callable(line) else line


def image_layer_of(agent: AgentSpec) -> str | None:
    """Return the Dockerfile of an agent's image layer; None: it is not in the sandbox."""
    made = getattr(adapters()[agent.adapter], "layer", None)
    return made(agent) if made is not None else None


BUILTIN: dict[str, AgentSpec] = {
    name: AgentSpec(id=name, adapter="scripted", settings={"policy": name}, deterministic=True)
    for name in scripted.POLICIES
}
"""The agents that come with the product; their answers are known."""
