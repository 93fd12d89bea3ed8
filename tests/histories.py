"""Specs, histories and verdicts of trials in a few words, for the tests that read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.history.events import (
    Action,
    BaseEvent,
    Begun,
    Confirmed,
    Disturbed,
    Effect,
    Ended,
    Event,
    Exec,
    Failed,
    HandedOver,
    Injected,
    Killed,
    Logged,
    Message,
    Missed,
    ModelCall,
    ModelError,
    Observation,
    Present,
    Probed,
    Reverted,
    Scheduled,
    Solved,
    Stopped,
    Surveyed,
    ToolCall,
    Unharmed,
)  # fmt: skip
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome, Verdict

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


ONE_OF_EACH: tuple[Event, ...] = (
    Begun(harness="1", engine="2", image="i", exec_filter="seccomp"),
    HandedOver(before=2.5),
    Disturbed(step=2, by="ops", did="look"),
    Failed(error="E", word="engine", message="gone"),
    Ended(),
    Action(step=1, command="ls", message="Hm."),
    Observation(
        step=1, stdout="\udcff é\u2028", stderr="e", exit_code=1, pipestatus=(0, 1), seconds=0.5,
        timed_out=True, died=True, cut=True, note="n", artifacts=("a", "b"), digest="d",
        changed=True, paths=("/w", "port 80"),
    ),
    Message(text="STATUS: done", final=True),
    Exec(step=1, argv=("ls", "-l"), pid=7, parent=1),
    ModelCall(turn=1, model="m", prompt=10, usd=0.1, text="t", request="a", response="b"),
    ModelError(turn=2, status=529, message="overloaded", by="fault", request="a"),
    ToolCall(tool="edit", arguments={"path": ["a", 1, None]}, raw=None),
    Logged(name="log", artifacts=("a",)),
    Surveyed(step=1, changed=False),
    Stopped(how="cut-off", word="timed out", why="w"),
    Scheduled(fault="f", when={"kind": "start"}, schedule={"kind": "permanent"}),
    Injected(injection=1, facts={"path": "/w"}),
    Confirmed(injection=1, confirmed=True, by="counter"),
    Missed(why="it was over"),
    Probed(step=1, present=True, need=False),
    Reverted(injection=1, why="times"),
    Effect(count=1, pid=7),
    Killed(killed=("sleep",), survivors=("sshd",)),
    Present(present=None, need=None),
    Unharmed(changed=("/w",)),
    Solved(solved=False, exit_code=1, output="no", seconds=0.5),
)  # fmt: skip
"""An event of every kind, in the order of `harness.history.events.Event`."""
