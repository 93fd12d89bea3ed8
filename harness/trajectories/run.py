"""A folder that `harness run` wrote: every trial with a history is a trajectory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.history.reading import Log, number, text, truth
from harness.history.store import Run
from harness.trajectories.trajectory import Reading, Step, Trajectory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.history.history import Event
    from harness.history.store import TrialFolder

_SEEN = (
    "step", "stdout", "stderr", "exit_code", "pipestatus", "seconds", "seq", "t", "who", "what",
)  # fmt: skip


def claims(path: Path) -> bool:
    """Say whether the folder has a run.json."""
    return (path / "run.json").is_file()


def read(path: Path) -> Reading:
    """Return the trials that have begun."""
    return Reading.of(_trial(folder) for folder in Run.open(path).folders())


def _trial(folder: TrialFolder) -> Reading:
    try:
        return Reading((trajectory(folder),))
    except HarnessError as error:
        return Reading.failed(folder.path, str(error))


def trajectory(folder: TrialFolder) -> Trajectory:
    """Return a trial; HarnessError where it cannot be read."""
    spec, events = folder.read_spec(), folder.read_events()
    verdict = folder.read_verdict()
    model = spec.agent.settings.get("model")
    facts = {"fault": spec.fault.id, "pair": spec.pair, "category": spec.fault.category}
    return Trajectory(
        id=spec.trial,
        steps=steps(events),
        task=spec.task.id,
        agent=spec.agent.id,
        model=model if isinstance(model, str) else None,
        solved=verdict.solved if verdict else None,
        extra={**facts, "outcome": verdict.outcome.value} if verdict else facts,
    )


def steps(events: Sequence[Event]) -> tuple[Step, ...]:
    """Return the steps of a history: what the agent did, and what it saw."""
    log = Log(events)
    seen = {number(event, "step"): event for _, event in log.all("agent", "sees")}
    acts = [event for _, event in log.all("agent", "acts")]
    return tuple(_step(event, seen.get(number(event, "step"))) for event in acts)


def _step(act: Event, seen: Event | None) -> Step:
    code = number(seen, "exit_code")
    return Step(
        command=text(act, "command"),
        exit_code=None if code is None else int(code),
        stdout=text(seen, "stdout") if seen else None,
        stderr=text(seen, "stderr") if seen else None,
        pipestatus=_codes((seen or {}).get("pipestatus")),
        seconds=number(seen, "seconds"),
        message=text(act, "message") or None,
        extra={
            **{key: value for key, value in (seen or {}).items() if key not in _SEEN},
            "timed_out": truth(seen, "timed_out"),
        },
    )


def _codes(value: Any) -> tuple[int, ...]:
    codes = value if isinstance(value, list) else []
    return tuple(code for code in codes if type(code) is int)
