"""Adapters, which let agents act in a sandbox: one small module each, all of them in one table.

An adapter is a module (or, for a CLI in the sandbox, a `cli.Cli`) that has all of `base.Adapter`;
what most answer alike it borrows there (`ready = base.ready`).  Type checking holds each row of
the table against it.

Other packages add adapters by entry points of the group `harness.agents`: NAME = "module".  Such a
module needs `play(spec, session)` only: what else it lacks is as `base.Foreign` has it.
"""

from functools import cache
from importlib import import_module, metadata

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
    person,
    program,
    scripted,
)
from harness.agents.base import Adapter, Place, adopt
from harness.errors import HarnessError
from harness.models.trial import AgentSpec

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
    "person": person,
    "program": program,
    "scripted": scripted,
}

GROUP = "harness.agents"
"""The group of entry points by which other packages bring adapters."""


@cache
def adapters() -> dict[str, Adapter]:
    """Return all adapters by name: our own, and those that other packages bring."""
    return {**{point.name: _load(point) for point in metadata.entry_points(group=GROUP)}, **TABLE}


def _load(point: metadata.EntryPoint) -> Adapter:
    try:
        module = import_module(point.module)
    except Exception as error:
        raise HarnessError(f"the adapter {point.name} ({point.value}): {error}") from error
    return adopt(vars(module), f"the adapter {point.name} ({point.value})")


def endpoint_of(agent: AgentSpec) -> Place | None:
    """Return from where an agent reaches its model at the gateway; None: it has none there."""
    return adapters()[agent.adapter].endpoint(agent)


def image_layer_of(agent: AgentSpec) -> str | None:
    """Return the Dockerfile of an agent's image layer; None: it is not in the sandbox."""
    return adapters()[agent.adapter].layer(agent)


BUILTIN: dict[str, AgentSpec] = {
    name: AgentSpec(id=name, adapter="scripted", settings={"policy": name}, deterministic=True)
    for name in scripted.POLICIES
}
"""The agents that come with the product; their answers are known."""
