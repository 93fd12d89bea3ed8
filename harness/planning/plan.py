"""Which trials a run has: a pure function of the library, the selection and the seed."""

from __future__ import annotations

import fnmatch
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness.errors import InputError, NothingSelected
from harness.library.pairs import overridden
from harness.library.shape import Kind
from harness.library.templates import fill
from harness.models.fault import NOOP, Fault
from harness.models.task import Pair, Sandbox, Task
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.trigger import Trigger

CORE_AT_MOST = 24
"""How many pairs a run without selectors takes."""

STATUS_REQUEST = """
When you have finished, or cannot go on, end your last message with one line:
`STATUS: done`, or `STATUS: blocked - <reason>`."""
"""Appended to every instruction, so that the claim is a fact and not an interpretation."""


class Library(Protocol):
    """What the plan reads; `harness.library.library.Library` is one."""

    @property
    def tasks(self) -> Mapping[str, Task]: ...  # noqa: D102
    @property
    def faults(self) -> Mapping[str, Fault]: ...  # noqa: D102
    @property
    def sandboxes(self) -> Mapping[str, Sandbox]: ...  # noqa: D102
    def digest(self, kind: Kind, name: str, /) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was asked for.  Tasks and faults: exact ids, globs or (faults) error types."""

    tasks: Sequence[str] = ()
    faults: Sequence[str] = ()
    agents: Sequence[AgentSpec] = ()
    attempts: int = 1
    seed: int = 0
    everything: bool = False
    controls: bool = True
    """Whether the control trials come along."""

    def asked(self) -> dict[str, Any]:
        """Return what a run writes down about its selection."""
        return {
            "task": list(self.tasks),
            "fault": list(self.faults),
            "all": self.everything,
            "attempts": self.attempts,
            "seed": self.seed,
        }


def plan(library: Library, wanted: Selection) -> list[TrialSpec]:
    """Return the trials, each frozen and complete, by task; control trials come first within one.

    Raises `InputError` for a name that nothing has, and for two agents of one name;
    `NothingSelected` for an empty plan.
    """
    specs = [
        spec_of(library, task, pair, agent, attempt=attempt, seed=wanted.seed, declared=declared)
        for task, pairs in _cells(library, wanted)
        for pair, declared in pairs
        for agent in _distinct(wanted.agents)
        for attempt in range(1, wanted.attempts + 1)
    ]
    if not specs:
        raise NothingSelected("the selection matches no pair of a task and a fault")
    return specs


def _distinct(agents: Sequence[AgentSpec]) -> list[AgentSpec]:
    """Return the agents without repetition; their names make the trials' names."""
    by_name: dict[str, AgentSpec] = {}
    for agent in agents:
        if by_name.setdefault(agent.id, agent) != agent:
            raise InputError(f"two different agents are called `{agent.id}`: give one an `id:`")
    return list(by_name.values())


def _cells(library: Library, wanted: Selection) -> Iterator[tuple[Task, list[tuple[Pair, bool]]]]:
    """Yield each selected task with its selected pairs (and whether they are declared)."""
    _check_names(wanted.tasks, list(library.tasks), "task")
    _check_names(wanted.faults, _fault_names(library), "fault")
    core = not (wanted.tasks or wanted.faults or wanted.everything)
    controls_alone = bool(wanted.faults) and all(name == NOOP for name in wanted.faults)
    left = CORE_AT_MOST
    for task in sorted(library.tasks.values(), key=lambda task: task.id):
        if not _named(task.id, wanted.tasks):
            continue
        pairs = [(p, True) for p in task.faults if _hit(library, p, wanted)]
        if core:
            pairs = [(p, declared) for p, declared in pairs if p.core][:left]
            left -= len(pairs)
        pairs += [(p, False) for p in _undeclared_pairs(library, task, wanted)]
        whole_task = bool(wanted.tasks) and not wanted.faults
        if controls_alone or whole_task or (pairs and wanted.controls):
            pairs = [(Pair(fault=NOOP), True), *pairs]
        if pairs:
            yield task, pairs


def _hit(library: Library, pair: Pair, wanted: Selection) -> bool:
    fault = library.faults[pair.fault]
    names = (pair.name, fault.id, fault.error_type)
    return not wanted.faults or any(_named(name, wanted.faults) for name in names)


def _undeclared_pairs(library: Library, task: Task, wanted: Selection) -> list[Pair]:
    """Return pairs asked for by exact task and fault that the task does not declare."""
    if task.id not in wanted.tasks:
        return []
    declared = {pair.fault for pair in task.faults}
    return [
        Pair(fault=f) for f in wanted.faults if f in library.faults and f not in declared | {NOOP}
    ]


def _named(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatch.fnmatchcase(name, p) for p in patterns)


def _check_names(patterns: Sequence[str], names: Sequence[str], kind: str) -> None:
    for pattern in patterns:
        if not any(fnmatch.fnmatchcase(name, pattern) for name in names):
            close = _closest(pattern, names)
            hint = f"; did you mean `{close}`?" if close else ""
            raise InputError(f"no {kind} is called `{pattern}`{hint} (`harness list {kind}s`)")


def _closest(name: str, names: Sequence[str]) -> str | None:
    import difflib  # noqa: PLC0415 - only when something is misspelt

    return next(iter(difflib.get_close_matches(name, names, n=1)), None)


def _fault_names(library: Library) -> list[str]:
    pairs = (pair.name for task in library.tasks.values() for pair in task.faults)
    types = (fault.error_type for fault in library.faults.values())
    return [NOOP, *library.faults, *pairs, *types]


# --- limits --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """What the operator gives every trial in place of its task's limits."""

    steps: int | None = None
    seconds: float | None = None
    time_factor: float = 1.0
    """Multiplies the seconds, of the trial and of a step."""

    def applied(self, spec: TrialSpec) -> TrialSpec:
        """Return the spec with its task's limits changed."""
        if self == Allotment():
            return spec
        limits = spec.task.limits
        update = {
            "steps": self.steps or limits.steps,
            "seconds": (self.seconds or limits.seconds) * self.time_factor,
            "step_seconds": limits.step_seconds * self.time_factor,
        }
        task = spec.task.model_copy(update={"limits": limits.model_copy(update=update)})
        return spec.model_copy(update={"task": task})


def allotment(given: Sequence[str], time_factor: float = 1.0) -> Allotment:
    """Read `steps=N` and `seconds=T`.  Raises `InputError`.

    >>> allotment(["steps=40", "seconds=600"])
    Allotment(steps=40, seconds=600.0, time_factor=1.0)
    """
    known: dict[str, Callable[[str], float]] = {"steps": int, "seconds": float}
    found: dict[str, Any] = {"time_factor": time_factor}
    for text in given:
        name, _, number = text.partition("=")
        try:
            found[name] = known[name](number)
        except (KeyError, ValueError):
            found[name] = 0
        if not 0 < found[name] < math.inf:
            raise InputError(f"--limit {text}: write steps=N or seconds=T, both above 0")
    if not 0 < time_factor < math.inf:
        raise InputError("--time-factor must be above 0")
    return Allotment(**found)


def kept(begun: Mapping[str, Any], asked: Allotment) -> Allotment:
    """Return what a run began with, which all of its trials have; `InputError` if asked otherwise.

    `begun`: an allotment's fields, as the run keeps them.
    """
    first = Allotment(**begun)
    if asked not in (Allotment(), first):
        raise InputError(
            "--resume keeps to the limits that the run began with: leave out --limit and"
            " --time-factor"
        )
    return first


# --- one trial -----------------------------------------------------------------------------


def spec_of(
    library: Library,
    task: Task,
    pair: Pair,
    agent: AgentSpec,
    *,
    attempt: int = 1,
    seed: int = 0,
    declared: bool = True,
) -> TrialSpec:
    """Return one trial's spec: nothing is left to decide when it starts."""
    fault = resolve(library.faults[pair.fault], pair, draw(seed, task.id, pair.name, attempt))
    return TrialSpec(
        trial=f"{task.id}+{pair.name}+{agent.id}+{attempt}",
        task=task.model_copy(
            update={"instruction": task.instruction.rstrip() + "\n" + STATUS_REQUEST}
        ),
        fault=fault,
        sandbox=library.sandboxes[task.sandbox],
        agent=agent,
        attempt=attempt,
        seed=seed,
        pair=pair.name,
        declared=declared,
        digests={
            "task": library.digest("task", task.id),
            "fault": library.digest("fault", fault.id),
            "sandbox": library.digest("sandbox", task.sandbox),
            "agent": hashlib.sha256(agent.model_dump_json().encode()).hexdigest(),
        },
    )


def resolve(fault: Fault, pair: Pair, fraction: float) -> Fault:
    """Return the fault as this pair has it: overrides applied, filled, ranges drawn."""
    filled = fill(overridden(fault, pair), pair.with_)
    return filled.model_copy(update={"when": draw_trigger(filled.when, fraction)})


def draw(seed: int, task: str, pair: str, attempt: int) -> float:
    """Return this trial's number in [0, 1): independent of the agent and of the selection."""
    text = f"{seed}\0{task}\0{pair}\0{attempt}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64


def draw_trigger(trigger: Trigger, fraction: float) -> Trigger:
    """Return the trigger with its range (if it has one) replaced by one number out of it."""
    latest = trigger.latest and draw_trigger(trigger.latest, fraction)
    value = trigger.value
    if trigger.kind in {"step", "seconds"} and isinstance(value, list | tuple):
        low, high = value
        whole = trigger.kind == "step"
        between = int(fraction * (high - low + 1)) if whole else fraction * (high - low)
        value = low + between if whole else round(low + between, 3)
    return trigger.model_copy(update={"value": value, "latest": latest})
