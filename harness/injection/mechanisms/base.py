"""What mechanisms work on, and the answers that most of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.containers.ports import Container, Probes
from harness.containers.shell import Result
from harness.containers.sidecars.exec_filter import Tree
from harness.containers.sidecars.namespaces import NamespaceSidecars
from harness.errors import SandboxError
from harness.gateway.model_channel import ModelChannel
from harness.models.nouns import Fault, Frozen

PROBE_SECONDS = 2.0
"""The limit of one look at a fault."""

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionTarget:
    """Where a fault strikes: the fault (complete), the container, and what it may use."""

    fault: Fault
    container: Container
    """The container named by the fault's `where`."""
    user: str
    """As whom `present` and `need` are asked: the agent's user, root in a service."""
    fetch: Callable[[str, str], bytes | None]
    """(sandbox id, path) -> tar archive of a file out of that sandbox's image."""
    assets: Path | None = None
    """The folder beside the fault's file, if it has one."""
    exec_filter: Tree | None = None
    """The agent's processes at the exec filter, where it is in force."""
    channel: ModelChannel | None = None
    """Where the agent meets its model, if that is at the gateway."""
    sidecars: NamespaceSidecars | None = None
    """Helpers that can stand beside the container."""
    act: Callable[[str], Result] | None = None
    """Run a command in the agent's own shell (before hand-over only)."""

    @property
    def probes(self) -> Probes:
        """How to look at the container, and to change it."""
        return self.container.probes


class Settings(Frozen):
    """No settings at all."""


def available(target: InjectionTarget) -> str | None:  # noqa: ARG001 - the common answer
    """Works everywhere."""
    return None


def probe(target: InjectionTarget, script: str | None) -> bool | None:
    """Ask a yes-no script: exit 0 is yes, 1 is no, anything else or no script is unknown."""
    if script is None:
        return None
    result = target.probes.ask(script, user=target.user, seconds=PROBE_SECONDS)
    answers: dict[int | None, bool] = {0: True, 1: False}
    return answers.get(result.exit_code)


def present(target: InjectionTarget) -> bool | None:
    """Ask the fault's own `present` script."""
    return probe(target, target.fault.present)


def need(target: InjectionTarget) -> bool | None:
    """Ask the fault's own `need` script."""
    return probe(target, target.fault.need)


def nothing(target: InjectionTarget, facts: Facts) -> None:
    """Heal nothing."""


def must(target: InjectionTarget, script: str | None, what: str) -> None:
    """Run one of the fault's scripts as root; `SandboxError` if it fails."""
    if script is None:
        raise SandboxError(f"{target.fault.id}: no `{what}` script")
    target.probes.script(script, f"{target.fault.id}: {what}")
