"""One trial before it starts: TrialSpec, AgentSpec."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from harness.models.fault import Fault
from harness.models.task import Sandbox, Task
from harness.models.values import Frozen, Id


class AgentSpec(Frozen):
    """An agent: an adapter of `harness.agents.TABLE` and its settings."""

    id: Id
    adapter: Id
    settings: dict[str, Any] = {}
    deterministic: bool = False


class TrialSpec(Frozen):
    """One trial, complete and frozen before it starts: `spec.json`."""

    format: Literal[2] = 2
    trial: str
    """`<task>+<fault or pair name>+<agent>+<attempt>`"""
    task: Task
    fault: Fault
    """With the pair's overrides applied, templates filled in and ranges drawn."""
    sandbox: Sandbox
    agent: AgentSpec
    attempt: int = Field(ge=1)
    seed: int
    pair: Id
    """The pair's name; `noop` for the control trial."""
    declared: bool = True
    """False: the task does not declare this fault."""
    digests: dict[str, str] = {}
    """sha256 of task, fault, sandbox and agent definitions, folders included."""
