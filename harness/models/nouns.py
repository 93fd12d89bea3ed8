"""The nouns as frozen values: Sandbox, Task, Pair, Fault, Trigger, Schedule, Spec, Verdict.

Everything here is data: read from YAML or JSON, checked once, never changed.  Times are
seconds, sizes are bytes, paths inside a sandbox are absolute POSIX paths.  `None` means
"we cannot know", never "no".

Texts marked *template* may hold `{{name}}`; the names come from the fault's `params`, filled
by the pair's `with`.  See `harness.library.templates`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from harness import patterns

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)]
"""Lower-case letters, digits, `_`, `-`, `.`: safe in file names, labels and trial ids."""

InnerPath = Annotated[str, StringConstraints(pattern=r"^/[^\x00]*$")]
"""An absolute path inside a sandbox."""

_PART = r"(\.|\.?[^/.\x00][^/\x00]*|\.\.[^/\x00]+)"
LocalPath = Annotated[str, StringConstraints(pattern=rf"^{_PART}(/{_PART})*/?$")]
"""A path relative to the folder of the file that names it; it cannot leave that folder."""

Regex = Annotated[str, StringConstraints(min_length=1)]
"""A regular expression as RE2 reads it (`^`, `$`: lines); it must compile and not match ''."""

CheckedRegex = Annotated[Regex, AfterValidator(patterns.check)]
"""One that holds no template: it must compile where it stands."""

Params = dict[Id, str]


class Frozen(BaseModel):
    """A frozen value: unknown keys are errors, no silent conversions."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )


# --- when a fault is injected, and for how long ------------------------------------------------


class Trigger(Frozen):
    """When a fault is injected.  Exactly one of the kinds; `during` goes with `after_seconds`.

    In YAML: `start`, `{step: 3}`, `{step: [2, 6]}`, `{before: RE}`, `{after: RE}`,
    `{seconds: 1.5}`, `{seconds: [1, 3]}`, `{file: /path}`, `{during: RE, after: 0.5}`.
    A pair of numbers is a range from which the plan draws by the seed.
    """

    kind: Literal["start", "step", "before", "after", "seconds", "file", "during"]
    value: Any = None
    """int or (low, high) for step; float or (low, high) for seconds; a regex for before, after
    and during; a path for file; None for start."""
    delay: float = 0.0
    """during only: seconds after the matching command began."""

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if data == "start":
            return {"kind": "start"}
        if not isinstance(data, dict) or "kind" in data:
            return data
        if set(data) == {"during", "after"}:
            return {"kind": "during", "value": data["during"], "delay": data["after"]}
        if len(data) == 1:
            ((kind, value),) = data.items()
            return {"kind": kind, "value": value}
        raise ValueError(
            "a trigger is `start`, or one of {step: N}, {before: RE}, {after: RE}, {seconds: T},"
            " {file: PATH}, {during: RE, after: T}"
        )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        match self.kind:
            case "start":
                fits = self.value is None
            case "step":
                fits = _number_or_range(self.value, int, least=1)
            case "seconds":
                fits = _number_or_range(self.value, (int, float), least=0)
            case "file":
                fits = isinstance(self.value, str) and self.value.startswith("/")
            case "before" | "after" | "during":
                fits = isinstance(self.value, str) and self.value != ""
        if not fits or self.delay < 0:
            raise ValueError(f"{self.value!r} does not fit the trigger `{self.kind}`")
        return self


def _number_or_range(value: Any, kind: Any, *, least: float) -> bool:
    low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (value, value)  # noqa: PLR2004
    numbers = all(isinstance(x, kind) and not isinstance(x, bool) for x in (low, high))
    return numbers and least <= low <= high


class Schedule(Frozen):
    """How long an injected fault lasts.

    In YAML: `until-healed` (the agent can remove it), `permanent` (the agent cannot),
    `{times: n}` (the harness heals after n effects on the agent), `{seconds: t}` (the harness
    heals t seconds after it was confirmed).
    """

    kind: Literal["until-healed", "permanent", "times", "seconds"] = "until-healed"
    value: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"kind": data}
        if isinstance(data, dict) and len(data) == 1 and "kind" not in data:
            ((kind, value),) = data.items()
            return {"kind": kind, "value": value}
        return data

    @model_validator(mode="after")
    def _fits(self) -> Self:
        counted = self.kind in {"times", "seconds"}
        if counted != (self.value is not None) or (self.value is not None and self.value <= 0):
            raise ValueError(
                "a schedule is until-healed, permanent, {times: N} or {seconds: T}, N and T > 0"
            )
        return self

    @property
    def transient(self) -> bool:
        """Say whether the harness itself ends the fault."""
        return self.kind in {"times", "seconds"}


# --- faults --------------------------------------------------------------------------------

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
    unsafe: tuple[Regex, ...] = ()
    """Commands (argv joined by blanks) that no honest agent runs because of this fault."""
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


# --- sandboxes -----------------------------------------------------------------------------


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


# --- tasks ---------------------------------------------------------------------------------


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

    steps: int = Field(default=60, ge=1)
    seconds: float = Field(default=600, gt=0)
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
    damage: str
    """What the saboteur does: a command that harms something protected."""
    forge: tuple[tuple[str, ...], ...] = ()
    """Attempts to look solved without being so; none may pass."""
    unsafe: tuple[Regex, ...] = ()
    """Commands (argv joined by blanks) that are harmful whatever the fault."""
    limits: Limits = Limits()
    tags: tuple[Id, ...] = ()
    faults: tuple[Pair, ...] = ()


# --- trials --------------------------------------------------------------------------------


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


class Outcome(StrEnum):
    """How a trial ended; the first row of the table in `harness.analysis.verdict` that fits."""

    INVALID = "invalid"
    HARMFUL = "harmful"
    PASSED = "passed"
    FAILED = "failed"
    UNEXPOSED = "unexposed"
    RECOVERED = "recovered"
    WORKED_AROUND = "worked-around"
    REPORTED = "reported"
    DETECTED = "detected"
    MISSED = "missed"


MASTERED = frozenset((Outcome.RECOVERED, Outcome.WORKED_AROUND))
"""The fault was mastered: it was repaired, outlasted, or worked around, and the task solved."""


class Verdict(Frozen):
    """What the history says about one trial: `verdict.json`.  Times: seconds since hand-over."""

    format: Literal[2] = 2
    trial: str
    task: str
    fault: str
    pair: str
    agent: str
    attempt: int
    seed: int
    outcome: Outcome
    solved: bool | None
    repaired: bool | None
    harmed: bool | None
    exposed: bool | None
    noticed: bool | None
    claimed: Literal["done", "blocked", "nothing", "cut-off"] | None
    false_success: bool | None
    injected_at: float | None
    exposed_at: float | None
    noticed_at: float | None
    recovered_at: float | None
    steps: int
    seconds: float | None
    reason: str
    """One line: why this outcome (for `invalid`: what failed)."""
    judge: int
    """Version of the rules that gave this verdict."""
