"""Verdicts read off the stored histories again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.analysis.verdict import judge
from harness.errors import HarnessError
from harness.history.events import Event, Failed
from harness.history.store import Run, TrialFolder
from harness.models.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """A finished trial, and the verdict that today's rules give it."""

    folder: TrialFolder
    old: Verdict
    new: Verdict

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Column -> (old, new), for each that differs."""
        before, after = self.old.model_dump(mode="json"), self.new.model_dump(mode="json")
        return {key: (before[key], after[key]) for key in after if before[key] != after[key]}


def rejudge(run: Run) -> list[Rejudged]:
    """Judge every finished trial of a run again, from its spec and its history."""
    verdicts = [(folder, folder.read_verdict()) for folder in run.folders()]
    return [
        Rejudged(folder=folder, old=old, new=judge(folder.read_spec(), _events(folder)))
        for folder, old in verdicts
        if old is not None
    ]


def _events(folder: TrialFolder) -> list[Event]:
    """Return the history; a damaged one says nothing, and is judged so."""
    try:
        return folder.read_events()
    except HarnessError as error:
        return [Failed(message=str(error))]


def write(run: Run, judged: list[Rejudged]) -> None:
    """Put the new verdicts that differ in place; raises `InputError` while the run is written."""
    changed = [each for each in judged if each.changes]
    if changed:
        with Run.resume(run.path) as record:
            for each in changed:
                each.folder.finish(each.new)
            record.reindex()
