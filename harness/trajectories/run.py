"""A folder that `harness run` wrote: every trial with a history is a trajectory."""

from __future__ import annotations

from pathlib import Path

from harness.errors import HarnessError
from harness.history import steps as recorded
from harness.history.store import Run, TrialFolder
from harness.history.timeline import Timeline
from harness.trajectories.trajectory import Reading, Step, Trajectory

_SEEN = {
    "step", "stdout", "stderr", "exit_code", "pipestatus", "seconds", "seq", "t", "who", "what",
}  # fmt: skip


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
        steps=steps(Timeline(events)),
        task=spec.task.id,
        agent=spec.agent.id,
        model=model if isinstance(model, str) else None,
        solved=verdict.solved if verdict else None,
        extra={**facts, "outcome": verdict.outcome.value} if verdict else facts,
    )


def steps(timeline: Timeline) -> tuple[Step, ...]:
    """Return the steps of a trial: what the agent did, and what it saw."""
    return tuple(_step(each) for each in timeline.steps)


def _step(step: recorded.Step) -> Step:
    seen = step.observation
    return Step(
        command=step.command,
        exit_code=seen.exit_code if seen else None,
        stdout=seen.stdout if seen else None,
        stderr=seen.stderr if seen else None,
        pipestatus=(seen.pipestatus or ()) if seen else (),
        seconds=seen.seconds if seen else None,
        message=step.action.message or None,
        extra={
            **(seen.model_dump(mode="json", exclude=_SEEN) if seen else {}),
            "timed_out": seen.timed_out if seen else None,
        },
    )
