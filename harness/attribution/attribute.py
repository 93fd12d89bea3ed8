"""The first wrong steps of trials that went wrong, found by experiments, some at once."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.attribution.document import Blame, went_wrong, write
from harness.attribution.experiment import Experiment, find_first_wrong_step
from harness.errors import InputError
from harness.history.events import Action
from harness.history.store import TrialFolder
from harness.library.library import Library
from harness.library.shape import Kind
from harness.models.trial import TrialSpec
from harness.trial import scheduler
from harness.trial.progress import SILENT, Progress, ignore
from harness.trial.resources import prepare, with_helpers

Found = Callable[[TrialFolder, Blame], None]


def to_blame(folders: Sequence[TrialFolder]) -> list[TrialFolder]:
    """Return the trials that went wrong and in which anything was done."""
    return [folder for folder in folders if _wrong(folder)]


def _wrong(folder: TrialFolder) -> bool:
    return went_wrong(folder.read_verdict()) and any(
        isinstance(event, Action) for event in folder.read_events()
    )


def attribute(
    library: Library,
    folders: Sequence[TrialFolder],
    jobs: int | None = None,
    progress: Progress = SILENT,
    found: Found = ignore,
) -> list[Blame]:
    """Find the first wrong step of each trial and write it into its folder, ordered by trial.

    `jobs`: experiments at once; None: what the machine can carry.  `found` is called with each
    finding as soon as it is there.  Raises `InputError` for a trial whose task, fault or sandbox
    has changed since.
    """
    specs = [folder.read_spec() for folder in folders]
    for spec in specs:
        _refuse_changes(spec, library)
    made = prepare(library, specs, "blame", progress.note)
    at_once, stop = jobs or scheduler.capacity(specs), threading.Event()

    def one(folder: TrialFolder) -> tuple[TrialFolder, Blame]:
        with tempfile.TemporaryDirectory() as scratch:
            finding = find_first_wrong_step(Experiment(folder, ready, Path(scratch), stop))
        write(folder.path, finding)
        return folder, finding

    with with_helpers(made, specs, progress.note) as ready:
        done = scheduler.in_parallel(one, folders, at_once, stop, lambda each: found(*each))
    return sorted((finding for _, finding in done), key=lambda each: each.trial)


def _refuse_changes(spec: TrialSpec, library: Library) -> None:
    """Refuse a trial whose parts are others by now: its steps would meet another world."""
    parts: tuple[tuple[Kind, str, Mapping[str, object]], ...] = (
        ("task", spec.task.id, library.tasks),
        ("fault", spec.fault.id, library.faults),
        ("sandbox", spec.sandbox.id, library.sandboxes),
    )
    for kind, name, known in parts:
        if name not in known:
            raise InputError(f"{spec.trial}: there is no {kind} {name} here")
        if spec.digests.get(kind) not in {None, library.digest(kind, name)}:
            again = "run the trial again, or blame it with the version that it was run with"
            raise InputError(f"{spec.trial}: the {kind} {name} has changed since; {again}")
