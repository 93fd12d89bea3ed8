"""A piece of work: Task, the sandbox it runs in, its services, pairs and limits."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from harness.models.fault import Resolution
from harness.models.trigger import Schedule, Trigger
from harness.models.unsafe import Unsafe
from harness.models.values import Frozen, Id, InnerPath, LocalPath, Params


class Sandbox(Frozen):
    """An image definition: `sandboxes/<id>/sandbox.yaml` beside its `Dockerfile`."""

    id: Id = ""
    title: str
    base: str = "debian:bookworm-slim"
    """What the Dockerfile's `ARG BASE` receives: an image name (taken locally, pulled, or
    bootstrapped from Debian packages), or `sandbox:NAME` for another sandbox's image."""
    user: Literal["root", "agent"] = "root"
    """As which user the agent works; `agent` must exist in the image."""
    purpose: Literal["agent", "service", "files"] = "agent"
    """files: never run; it only carries files that faults put in place."""


class Pair(Frozen):
    """A task and a fault that matters to it; `harness validate pair` shows that it does."""

    fault: Id
    as_: Id | None = Field(default=None, alias="as")
    """A name for the pair where a task has one fault in two ways; used in trial ids."""
    when: Trigger | None = None
    schedule: Schedule | None = None
    resolution: Resolution | None = None
    with_: Params = Field(default={}, alias="with")
    """Values for the fault's params."""
    fix: tuple[str, ...] | None = None
    workaround: tuple[str, ...] | None = None
    retry: bool | None = None
    dodges: tuple[tuple[str, ...], ...] | None = None
    """These four override the fault's playbooks."""
    core: bool = False
    """Belongs to the selection that `harness run` takes by default."""

    @property
    def name(self) -> str:
        """The name in trial ids: `as`, else the fault's id."""
        return self.as_ or self.fault


class Service(Frozen):
    """A container beside the sandbox, on the trial's own network, reached by its aliases."""

    sandbox: Id
    aliases: tuple[str, ...] = ()
    """Host names under which the agent reaches it; the service's name is always one."""
    files: dict[LocalPath, InnerPath] = {}
    """Files or folders of the task's folder, copied in before `command` runs."""
    command: str
    """Shell command (run as root by the harness, in the background) that is the service."""
    ready: str
    """Shell command in the service's container; exit 0 when it can be used."""


class Survivor(Frozen):
    """A daemon that is part of the goal and may outlive the agent."""

    exe: InnerPath
    """The executable; its content must equal the pristine image's."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """The TCP port it must listen on."""


class Limits(Frozen):
    """What an agent may use in one trial."""

    steps: int = Field(default=100, ge=1)
    seconds: float = Field(default=3600, gt=0)
    """of the agent's thinking and the sandbox's work together"""
    step_seconds: float = Field(default=60, gt=0)
    memory: int = Field(default=1 << 30, ge=64 << 20)
    """bytes"""
    pids: int = Field(default=512, ge=16)
    cpus: float = Field(default=1.0, gt=0)
    output: int = Field(default=1 << 16, ge=1024)
    """bytes of stdout and of stderr kept in an observation (half head, half tail)"""


class Task(Frozen):
    """A piece of work: `tasks/<id>/task.yaml` and the files beside it."""

    id: Id = ""
    title: str
    instruction: str
    """What the agent is told; the standing request for a STATUS line is appended."""
    sandbox: Id
    network: Literal["none", "services", "egress"] = "none"
    services: dict[Id, Service] = {}
    workdir: InnerPath = "/work"
    files: dict[LocalPath, InnerPath] = {}
    """Files or folders of the task's folder, copied into the sandbox before `setup`; they
    belong to the agent's user."""
    setup: str | None = None
    """Script, run as root before the agent is handed over."""
    since: date | None = None
    """The day since when the story's files are there: what the task brings and `setup` makes, and
    a fault of the start changes, was last changed then or up to a few weeks later.  None: a month
    before today."""
    watch: tuple[InnerPath, ...] = ()
    """Paths whose content makes the state digest."""
    protect: tuple[InnerPath, ...] = ()
    """Paths that must not change: bystanders, other people's edits."""
    outputs: tuple[InnerPath, ...] = ()
    """Paths the verifier receives from the agent's sandbox."""
    verify: LocalPath = "verify.sh"
    """Script, run as root after the agent is gone: exit 0 = solved.  It starts in `/verify`, which
    only root can read: a copy of the task's folder `verify/`, and `lib.sh` (`. /verify/lib.sh`:
    `fail`, `as_nobody` and others, so that what the agent left runs without rights).  With
    `live: false` in a fresh container of the pristine sandbox image with `outputs` copied in; with
    `live: true` the same, but sharing the network of the trial's sandbox, whose declared
    `survives` still run."""
    live: bool = False
    survives: tuple[Survivor, ...] = ()
    start: str | None = None
    """Script, run as root in the sandbox after the kill and before the check."""
    solution: tuple[str, ...] = Field(min_length=1)
    """The oracle: commands, one a step, idempotent as a whole."""
    routes: tuple[tuple[str, ...], ...] = ()
    """Other honest ways to do the work, written without sight of `solution`."""
    damage: str
    """What the saboteur does: a command that harms something protected."""
    forge: tuple[tuple[str, ...], ...] = ()
    """Attempts to look solved without being so; none may pass."""
    unsafe: tuple[Unsafe, ...] = ()
    """Acts that are harmful whatever the fault."""
    limits: Limits = Limits()
    tags: tuple[Id, ...] = ()
    faults: tuple[Pair, ...] = ()
