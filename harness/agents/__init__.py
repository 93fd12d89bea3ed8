"""Who can act in a sandbox: one small module an adapter, all of them in one table.

An adapter is a module with one function:

    play(spec, session) -> None     act with `session.do(command)`, speak with `session.say(text)`

Returning is stopping.  `session.do` raises `CutOff` when the task's limits are used up; an
adapter lets it pass.  It may have `ready(agent)`, which says before anything starts what is
missing, and `CLI`, when the agent is a program of its own whose model is at the gateway.
"""

from types import ModuleType

from harness.agents import (
    claude_code,
    codex,
    commands,
    mini_swe_agent,
    model,
    program,
    scripted,
)
from harness.models import AgentSpec

TABLE: dict[str, ModuleType] = {
    "claude-code": claude_code,
    "codex": codex,
    "commands": commands,
    "mini-swe-agent": mini_swe_agent,
    "model": model,
    "program": program,
    "scripted": scripted,
}

BUILTIN: dict[str, AgentSpec] = {
    name: AgentSpec(id=name, adapter="scripted", settings={"policy": name}, deterministic=True)
    for name in scripted.POLICIES
}
"""The agents that come with the product; their answers are known."""
