"""Recorded trials again: the same specs, with the recorded answers for a model."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from harness.agents import endpoint_of
from harness.errors import NothingSelected
from harness.history.events import ModelCall
from harness.history.store import Run, TrialFolder
from harness.models.trial import AgentSpec, TrialSpec
from harness.planning.plan import Selection


def replay(run: Path, wanted: Selection, after: int | None = None) -> list[TrialSpec]:
    """Return those recorded trials of a run that a selection names, as specs that replay them.

    `after`: how many answers are taken from the recording before the agent's own model goes on;
    None: all.  Raises `NothingSelected` when no wanted trial has recorded answers.
    """
    folders = Run.open(run).folders()
    specs = [
        spec.model_copy(update={"agent": again(spec.agent, folder, after)})
        for folder in folders
        if chosen(spec := folder.read_spec(), wanted) and recorded(spec, folder)
    ]
    if not specs:
        raise NothingSelected(f"{run} has no such trial with recorded answers of a model")
    return specs


def chosen(spec: TrialSpec, wanted: Selection) -> bool:
    """Say whether a trial is among those that a selection names; all are if it names none."""
    fault = (spec.pair, spec.fault.id, spec.fault.error_type)
    named = any(fnmatchcase(name, each) for name in fault for each in wanted.faults)
    task = any(fnmatchcase(spec.task.id, each) for each in wanted.tasks)
    return (task or not wanted.tasks) and (named or not wanted.faults)


def recorded(spec: TrialSpec, folder: TrialFolder) -> bool:
    """Say whether a trial has answers of a model at the gateway."""
    return endpoint_of(spec.agent) is not None and any(
        isinstance(event, ModelCall) for event in folder.read_events()
    )


def again(agent: AgentSpec, folder: TrialFolder, after: int | None) -> AgentSpec:
    """Return the agent with a recorded trial for its model."""
    replay = {"trial": str(folder.path.resolve()), "after": after}
    return agent.model_copy(update={"settings": {**agent.settings, "replay": replay}})
