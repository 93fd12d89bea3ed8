"""`harness blame`: the first wrong step of trials that went wrong, found by experiment."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.attribution.document import Blame, went_wrong, write
from harness.attribution.experiment import Experiment, blamed
from harness.commands.selectors import positive
from harness.commands.show import Folder, named, opened
from harness.errors import InputError, NothingSelected
from harness.history.events import Action
from harness.history.store import TrialFolder
from harness.library.library import Library
from harness.library.load import load
from harness.library.shape import Kind
from harness.models.nouns import TrialSpec
from harness.trial import scheduler
from harness.trial.resources import prepare, with_helpers
from harness.views.terminal import progress
from harness.views.terminal.attribution import blame_text
from harness.views.terminal.render import show
from harness.views.terminal.sanitize import line


def blame(
    run: Folder = None,
    trial: str | None = None,
    /,
    *,
    jobs: Annotated[int | None, Parameter(alias="-j", help="trials at once")] = None,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="as JSON")] = False,
) -> int:
    """Find the first wrong step of a trial, or of all trials of a run that went wrong.

    Plays the trial again up to some step and lets a known way on take over, until it is clear from
    which step on nobody could have won.  Needs no model.  Writes `blame.json` into the trial's
    folder, which `harness report` shows.  RUN is a folder that `harness run` wrote; TRIAL a trial's
    id or any part that fits only one.
    """
    record = opened(run)
    folders = record.folders() if trial is None else [named(record.folders(), trial)]
    wrong = [folder for folder in folders if _wrong(folder)]
    if not wrong:
        who = "none of its trials" if trial is None else f"the trial {folders[0].trial}"
        raise NothingSelected(f"{record.path}: {who} went wrong, so there is nothing to blame")
    done = find(wrong, load(), jobs=jobs, say=None if json_ else _tell)
    if json_:
        print(json.dumps([each.model_dump(mode="json") for each in done], indent=1))
    return 0


def _wrong(folder: TrialFolder) -> bool:
    return went_wrong(folder.read_verdict()) and any(
        isinstance(event, Action) for event in folder.read_events()
    )


def find(
    folders: Sequence[TrialFolder],
    library: Library,
    *,
    jobs: int | None = None,
    say: Callable[[TrialFolder, Blame], None] | None = None,
) -> list[Blame]:
    """Blame trials, some at once; each finding is written, and told, as soon as it is there."""
    specs = [folder.read_spec() for folder in folders]
    for spec in specs:
        _unchanged(spec, library)
    made = prepare(library, specs, "blame", progress.say)
    at_once = positive(jobs, "-j") if jobs is not None else scheduler.capacity(specs)
    stop, found = threading.Event(), []

    def one(folder: TrialFolder) -> tuple[TrialFolder, Blame]:
        with tempfile.TemporaryDirectory() as scratch:
            finding = blamed(Experiment(folder, armed, Path(scratch), stop))
        write(folder.path, finding)
        return folder, finding

    with with_helpers(made, specs, progress.say) as armed, ThreadPoolExecutor(at_once) as pool:
        futures: list[Future[tuple[TrialFolder, Blame]]] = [pool.submit(one, f) for f in folders]
        try:
            for future in as_completed(futures):
                folder, finding = future.result()
                found.append(finding)
                if say is not None:
                    say(folder, finding)
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return sorted(found, key=lambda each: each.trial)


def _unchanged(spec: TrialSpec, library: Library) -> None:
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


def _tell(folder: TrialFolder, finding: Blame) -> None:
    acts = {e.step: e.command for e in folder.read_events() if isinstance(e, Action)}
    command = acts.get(finding.step) if finding.step is not None else None
    show(blame_text(finding, folder.read_spec(), folder.read_verdict(), command))
    print(f"\n{line(str(folder.path / 'blame.json'))}\n", flush=True)
