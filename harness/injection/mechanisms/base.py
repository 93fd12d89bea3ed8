"""What mechanisms work on, and the answers that most of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.containers.container import Box
from harness.containers.shell import Result
from harness.containers.sidecars.exec_filter import Tree
from harness.containers.sidecars.namespaces import Beside
from harness.errors import SandboxError
from harness.gateway.model_channel import Desk
from harness.models.nouns import Fault, Value

PROBE_SECONDS = 2.0
"""The limit of one look at a fault."""

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a fault strikes: the fault (complete), the container, and what it may use."""

    fault: Fault
    box: Box
    """The container named by the fault's `where`."""
    user: str
    """As whom `present` and `need` are asked: the agent's user, root in a service."""
    fetch: Callable[[str, str], bytes | None]
    """(sandbox id, path) -> tar archive of a file out of that sandbox's image."""
    assets: Path | None = None
    """The folder beside the fault's file, if it has one."""
    gate: Tree | None = None
    """The agent's processes at the command gate, where it is in force."""
    desk: Desk | None = None
    """Where the agent meets its model, if that is at the gateway."""
    beside: Beside | None = None
    """Helpers that can stand beside the container."""
    act: Callable[[str], Result] | None = None
    """Run a command in the agent's own shell (before hand-over only)."""


class Settings(Value):
    """No settings at all."""


def available(site: Site) -> str | None:  # noqa: ARG001 - the common answer
    """Works everywhere."""
    return None


def probe(site: Site, script: str | None) -> bool | None:
    """Ask a yes-no script: exit 0 is yes, 1 is no, anything else or no script is unknown."""
    if script is None:
        return None
    result = site.box.ask(script, user=site.user, seconds=PROBE_SECONDS)
    answers: dict[int | None, bool] = {0: True, 1: False}
    return answers.get(result.exit_code)


def present(site: Site) -> bool | None:
    """Ask the fault's own `present` script."""
    return probe(site, site.fault.present)


def need(site: Site) -> bool | None:
    """Ask the fault's own `need` script."""
    return probe(site, site.fault.need)


def nothing(site: Site, facts: Facts) -> None:
    """Heal nothing."""


def must(site: Site, script: str | None, what: str) -> None:
    """Run one of the fault's scripts as root; `SandboxError` if it fails."""
    if script is None:
        raise SandboxError(f"{site.fault.id}: no `{what}` script")
    site.box.script(script, f"{site.fault.id}: {what}")
