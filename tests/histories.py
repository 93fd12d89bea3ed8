"""Specs, histories and verdicts of trials in a few words, for the tests that read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.history.events import (
    Action,
    BaseEvent,
    Confirmed,
    Event,
    Injected,
    Killed,
    Message,
    Observation,
    Present,
    Solved,
    Stopped,
    Unharmed,
)
from harness.models.nouns import Outcome, TrialSpec, Verdict

NOOP = {"id": "noop", "title": "nothing", "category": "none", "error_type": "none"}
TASK = {
    "id": "t", "title": "t", "instruction": "i", "sandbox": "s", "solution": ["true"],
    "damage": "false",
}  # fmt: skip
UNKNOWN = (
    "solved", "repaired", "harmed", "exposed", "noticed", "claimed", "false_success",
    "injected_at", "exposed_at", "noticed_at", "recovered_at",
)  # fmt: skip
"""The columns of a verdict that may be None."""


def trial_spec(
    fault: dict[str, Any] | None = None,
    task: dict[str, Any] | None = None,
    agent: dict[str, Any] | None = None,
    **changes: Any,
) -> TrialSpec:
    """Return a trial's spec, complete but for what is given; without a fault a control."""
    plain = {"title": "f", "category": "c", "error_type": "e"}
    parts = {
        "task": {**TASK, **(task or {})},
        "fault": {**plain, "id": "f", **fault} if fault else NOOP,
        "agent": {"id": "a", "adapter": "a", **(agent or {})},
        "sandbox": {"id": "s", "title": "s"},
    }
    known = {"attempt": 1, "seed": 0, "pair": parts["fault"]["id"], **changes}
    ids = (parts["task"]["id"], known["pair"], parts["agent"]["id"], known["attempt"])
    return TrialSpec.model_validate({"trial": "+".join(map(str, ids)), **parts, **known})


def verdict_of(spec: TrialSpec, outcome: Outcome, **facts: Any) -> Verdict:
    """Return a trial's verdict; what is not given is unknown."""
    known = {
        "trial": spec.trial, "task": spec.task.id, "fault": spec.fault.id, "pair": spec.pair,
        "agent": spec.agent.id, "attempt": spec.attempt, "seed": spec.seed, "outcome": outcome,
        "steps": 3, "seconds": 9.0, "reason": "", "judge": 1,
    }  # fmt: skip
    return Verdict.model_validate({**dict.fromkeys(UNKNOWN), **known, **facts})


def history(*parts: Event | Iterable[Event]) -> list[Event]:
    """Return the events, numbered, a second apart."""
    each = [e for part in parts for e in ([part] if isinstance(part, BaseEvent) else part)]
    return [event.model_copy(update={"seq": n, "t": float(n)}) for n, event in enumerate(each)]


def action(step: int, command: str, message: str | None = None) -> Action:
    """Return: the agent runs a command."""
    return Action(step=step, command=command, message=message)


def observation(step: int, stdout: str = "", stderr: str = "", **seen: Any) -> Observation:
    """Return what came back; it went well but for what is given."""
    return Observation.model_validate(
        {"step": step, "stdout": stdout, "stderr": stderr, "exit_code": 0, **seen}
    )


def does(step: int, command: str, stderr: str = "", message: str | None = None) -> list[Event]:
    """Return a whole step; what is printed on stderr makes it fail."""
    return [
        action(step, command, message),
        observation(step, stderr=stderr, exit_code=int(bool(stderr))),
    ]


def injected(injection: int = 1, *, confirmed: bool = True) -> list[Event]:
    """Return: the fault is injected, and that is looked at."""
    return [
        Injected(injection=injection),
        Confirmed(injection=injection, confirmed=confirmed),
    ]


def ends(text: str = "STATUS: done", how: Any = "ended") -> list[Event]:
    """Return the final message and the end."""
    return [Message(text=text, final=True), Stopped(how=how)]


def checks(
    *,
    present: bool | None,
    solved: bool | None,
    changed: Iterable[str] = (),
    survivors: Iterable[str] = (),
) -> list[Event]:
    """Return the verifier's four events; a `solved` of None is left out."""
    return [
        Killed(survivors=tuple(survivors)),
        Present(present=present),
        Unharmed(changed=tuple(changed)),
        *([] if solved is None else [Solved(solved=solved, exit_code=int(not solved))]),
    ]
