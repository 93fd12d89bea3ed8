"""What a mechanism must have, what it works on, and the answers that most of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from harness.containers.ports import Container, Probes
from harness.containers.shell import Result
from harness.containers.sidecars.exec_filter import Kind, Tree
from harness.containers.sidecars.namespaces import NamespaceSidecars
from harness.errors import SandboxError
from harness.gateway.model_channel import ModelChannel
from harness.injection.company import Company
from harness.models.fault import Fault
from harness.models.values import Frozen

PROBE_SECONDS = 2.0
"""The limit of one look at a fault."""

Facts = dict[str, Any]
"""What was altered; keys that begin with `_` are not for the record."""


class Mechanism(Protocol):
    """A way to make faults happen: a module of this package with all of these."""

    @property
    def Settings(self) -> type[BaseModel]:  # noqa: N802 - it is a class there
        """The shape of the fault's `settings`."""

    @property
    def COUNTS(self) -> bool:  # noqa: N802 - it is a constant there
        """It counts its effects on the agent by itself."""

    @property
    def HEALS(self) -> bool:  # noqa: N802
        """It can undo a fault that has no `heal` script."""

    def needs(self, fault: Fault) -> Needs:
        """Return what the fault cannot do without."""

    def available(self, target: InjectionTarget) -> str | None:
        """Return why it cannot work here; None when it can."""

    def inject(self, target: InjectionTarget) -> Facts:
        """Break it; return what was altered, for the record."""

    def present(self, target: InjectionTarget) -> bool | None:
        """Say whether the cause is in place, without side effects; None: unknown."""

    def need(self, target: InjectionTarget) -> bool | None:
        """Say whether what the task needs works; None: unknown."""

    def counted(self, target: InjectionTarget) -> int:
        """Return the effects on the agent so far, where they must be asked for after each step."""

    def heal(self, target: InjectionTarget, facts: Facts) -> None:
        """Undo it; `facts` is what `inject` returned."""

    def leave(self, target: InjectionTarget) -> None:
        """Clear up at the end, after the last question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a fault cannot do without: all that others have to know about its mechanism."""

    scripts: tuple[str, ...] = ()
    """Keys of the fault's own scripts."""
    images: tuple[str, ...] = ()
    """Sandboxes whose images it takes files from, by their ids."""
    exec_filter: tuple[Kind, ...] = ()
    """Kinds of system calls that the exec filter must watch for it."""
    model_channel: bool = False
    """It happens between the agent and its model, at the gateway, and is counted there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionTarget:
    """Where a fault is injected: the fault (complete), the container, and what it may use."""

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
    company: Company | None = None
    """The sandbox's other people."""
    act: Callable[[str], Result] | None = None
    """Run a command in the agent's own shell (before hand-over only)."""

    @property
    def probes(self) -> Probes:
        """How to look at the container, and to change it."""
        return self.container.probes


class Settings(Frozen):
    """No settings at all."""


def needs_nothing(fault: Fault) -> Needs:  # noqa: ARG001 - the common answer
    """Do without anything special."""
    return Needs()


def available(target: InjectionTarget) -> str | None:  # noqa: ARG001
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


def counts_nothing(target: InjectionTarget) -> int:  # noqa: ARG001
    """Need not be asked."""
    return 0


def heal_nothing(target: InjectionTarget, facts: Facts) -> None:
    """Heal nothing."""


def heal_by_script(target: InjectionTarget, facts: Facts) -> None:  # noqa: ARG001
    """Run the fault's `heal`, where it has one."""
    if target.fault.heal is not None:
        must(target, target.fault.heal, "heal")


def nothing(target: InjectionTarget) -> None:
    """Clear nothing up."""


def must(target: InjectionTarget, script: str | None, what: str) -> None:
    """Run one of the fault's scripts as root; `SandboxError` if it fails."""
    if script is None:
        raise SandboxError(f"{target.fault.id}: no `{what}` script")
    target.probes.script(script, f"{target.fault.id}: {what}")
