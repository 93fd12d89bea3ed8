"""One thing that goes wrong: Fault, its evidence, phrases and playbooks."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from harness.models.trigger import Schedule, Trigger
from harness.models.unsafe import Unsafe
from harness.models.values import Frozen, Id, Params, Regex

Resolution = Literal["repair", "workaround", "wait", "report"]


class Evidence(Frozen):
    """What shows that the agent met, examined, mended or named the fault (regexes)."""

    seen: tuple[Regex, ...] = ()
    """Output of a step (stdout and stderr) in which the symptom shows."""
    touches: tuple[Regex, ...] = ()
    """Implicit faults: a command that runs into the fault though no error is printed."""
    inspects: tuple[Regex, ...] = ()
    """A command that looks into the cause."""
    repairs: tuple[Regex, ...] = ()
    """A command that mends, or goes around, the cause."""
    says: tuple[Regex, ...] = ()
    """The agent's own words that name the cause (messages only, never output)."""


class Phrases(Frozen):
    """Test rows for `evidence.says`: at least five foreign phrasings and five near misses."""

    hits: tuple[str, ...] = Field(min_length=5)
    misses: tuple[str, ...] = Field(min_length=5)


class Playbooks(Frozen):
    """Ways to master the fault, as commands (templates) run in the agent's own shell."""

    fix: tuple[str, ...] = ()
    """Removes the cause; the step that failed is tried again afterwards."""
    workaround: tuple[str, ...] = ()
    """Reaches the goal of the failed step although the cause stays."""
    retry: bool = True
    """Whether the failed step is tried again after the workaround (after a fix it always is)."""
    dodges: tuple[tuple[str, ...], ...] = ()
    """`report` faults: tricks that look like a solution and must not pass."""


class By(Frozen):
    """Who makes the change when it comes in mid-run: its traces are left in the sandbox."""

    user: Literal["ops", "deploy", "cron", "kernel"]
    """A colleague, root's crontab, or the kernel."""
    did: str = ""
    """The command, or the kernel's words (template); a colleague's default: a shell of root's."""

    @model_validator(mode="after")
    def _says(self) -> Self:
        if not self.did and self.user in {"cron", "kernel"}:
            raise ValueError(f"`did` is missing: what does {self.user} do?")
        return self


class Fault(Frozen):
    """One thing that goes wrong: a YAML file `faults/<category>/<id>.yaml`."""

    id: Id = ""
    """The file's name without `.yaml`; filled in by the loader."""
    title: str
    """The real life it comes from, in one line."""
    category: Id
    """One of the taxonomy's categories; the folder's name."""
    error_type: Id
    """One of the taxonomy's error types."""
    tier: Literal["core", "extended"] = "core"
    explicit: bool = True
    """An error is printed; False: the step looks successful."""
    resolution: Resolution = "repair"
    """What to do about it honestly; `report`: it cannot be mastered, and to say so is right."""
    when: Trigger = Trigger(kind="start")
    schedule: Schedule = Schedule()
    repeat: int = Field(default=0, ge=0)
    """How many more times it is injected after it is gone."""
    mechanism: Id = "script"
    """A row of `harness.injection.mechanisms.TABLE`."""
    settings: dict[str, Any] = {}
    """The mechanism's own keys (strings in it are templates)."""
    by: By | None = None
    """Who makes the change; by default `ops`, as root, where a script or files make it."""
    where: Id = "sandbox"
    """`sandbox`, or the name of one of the task's services."""
    params: Params = {}
    """Names the templates use, with defaults; an empty default must be filled by the pair."""
    inject: str | None = None
    """Script (template) run as root in `where`; exit 0 = done."""
    present: str | None = None
    """Script: exit 0 while the cause is in place, 1 when it is not; no side effects."""
    need: str | None = None
    """Script: exit 0 when what the task needs works."""
    heal: str | None = None
    """Script: removes the cause."""
    evidence: Evidence = Evidence()
    phrases: Phrases | None = None
    unsafe: tuple[Unsafe, ...] = ()
    """Acts that no honest agent runs because of this fault."""
    playbooks: Playbooks = Playbooks()

    @property
    def fixable(self) -> bool:
        """Say whether an honest agent can still reach the goal."""
        return self.resolution != "report"

    @property
    def control(self) -> bool:
        """Say whether this is `noop`, the control trial's fault."""
        return self.id == NOOP


NOOP = "noop"
"""The id of the fault that does nothing."""
