"""Read what the pages show from a run's folder; what is finished is read once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from harness.analysis.assessment import Assessment
from harness.error_taxonomy import taxonomy
from harness.error_taxonomy.classify import default
from harness.error_taxonomy.error_report import ErrorReport, report_errors
from harness.error_taxonomy.insights import insights
from harness.errors import HarnessError
from harness.history.events import Event
from harness.history.store import TrialFolder
from harness.models.verdict import Verdict
from harness.release.comparison import Compared
from harness.trajectories.run import steps
from harness.trajectories.trajectory import Trajectory
from harness.views.html import data, origins
from harness.views.html.attribution import finding
from harness.views.html.contract import Page
from harness.views.html.lane import Lane, lane
from harness.views.html.remembered import Remembered
from harness.views.terminal.overview import overview


class Read(NamedTuple):
    """What is kept of a trial's history."""

    origin: origins.Origin | None
    errors: ErrorReport
    """The errors in it; without the steps' texts, which would fill the memory."""


class Gathered:
    """A run, its trials' pictures made on demand."""

    def __init__(self, path: Path, compared: Compared | None = None) -> None:
        self.run = Remembered.open(path)
        self._compared = compared
        self._classifier = default()
        self._read: dict[str, tuple[tuple[Verdict | None, int | None], Read]] = {}

    def page(self) -> Page:
        """Return the run's document."""
        shown, specs = overview(self.run), self.run.specs()
        read = [self._known(folder) for folder in self.run.folders()]
        reports = [each.errors for each in read]
        found = insights(reports, taxonomy.load())
        return {
            **data.page(shown, self.run.facts(), specs),
            "origins": [each.origin for each in read if each.origin is not None],
            "insights": found.model_dump(mode="json"),
            "task_errors": data.task_errors(reports),
            "compared": self._compared.model_dump(mode="json") if self._compared else None,
        }

    def pictures(self) -> Iterator[tuple[str, Lane]]:
        """Return all trials begun, each with its picture."""
        for folder in self.run.folders():
            yield folder.trial, self.picture(folder)

    def picture(self, folder: TrialFolder) -> Lane:
        """Return one trial's picture; a damaged history gives one that says so."""
        spec, verdict = folder.read_spec(), folder.read_verdict()
        events, failed = _events(folder)
        trial = Assessment(spec, events)
        errors = report_errors(_trajectory(trial, verdict), self._classifier)
        blamed = _blamed(folder)
        found = lane(trial, errors, blamed)
        found["blame"] = finding(folder.path)
        bare = replace(errors, trajectory=replace(errors.trajectory, steps=()))
        read = Read(origins.origin(spec, found, verdict), bare)
        self._read[folder.trial] = ((verdict, blamed), read)
        return found | {"failed": failed} if failed else found

    def _known(self, folder: TrialFolder) -> Read:
        """Return what a trial's history says; that of an unfinished one is read again."""
        known, verdict = self._read.get(folder.trial), folder.read_verdict()
        if known is None or verdict is None or known[0] != (verdict, _blamed(folder)):
            self.picture(folder)
        return self._read[folder.trial][1]


def _trajectory(trial: Assessment, verdict: Verdict | None) -> Trajectory:
    spec = trial.spec
    model = spec.agent.settings.get("model")
    return Trajectory(
        id=spec.trial,
        steps=steps(trial.timeline),
        task=spec.task.id,
        agent=spec.agent.id,
        model=model if isinstance(model, str) else None,
        solved=verdict.solved if verdict else None,
    )


def _blamed(folder: TrialFolder) -> int | None:
    """Return the first wrong step that `harness blame` found: `step` in the trial's blame.json."""
    try:
        found = json.loads((folder.path / "blame.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    step = found.get("step") if isinstance(found, dict) else None
    return step if isinstance(step, int) else None


def _events(folder: TrialFolder) -> tuple[list[Event], str]:
    try:
        return folder.read_events(), ""
    except HarnessError as error:
        return [], str(error)
