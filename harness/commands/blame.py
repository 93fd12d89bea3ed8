"""`harness blame`: the first wrong step of trials that went wrong, found by experiment."""

from __future__ import annotations

import json
from typing import Annotated

from cyclopts import Parameter

from harness import api
from harness.attribution.document import Blame
from harness.commands.selectors import positive
from harness.commands.show import Folder, find_trial, open_run
from harness.history.events import Action
from harness.history.store import TrialFolder
from harness.trial.progress import ignore
from harness.views.terminal.attribution import blame_text
from harness.views.terminal.progress import say
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
    which step on it could not be won.  Needs no model.  Writes `blame.json` into the trial's
    folder, which `harness report` shows.  RUN is a folder that `harness run` wrote; TRIAL a trial's
    id or any part that fits only one.
    """
    record = open_run(run)
    trials = () if trial is None else (find_trial(record.folders(), trial).trial,)
    done = api.attribute(
        api.load(), record, trials,
        jobs=None if jobs is None else positive(jobs, "-j"),
        progress=api.Progress(note=say),
        found=ignore if json_ else _show,
    )  # fmt: skip
    if json_:
        print(json.dumps([each.model_dump(mode="json") for each in done], indent=1))
    return 0


def _show(folder: TrialFolder, finding: Blame) -> None:
    acts = {e.step: e.command for e in folder.read_events() if isinstance(e, Action)}
    command = acts.get(finding.step) if finding.step is not None else None
    show(blame_text(finding, folder.read_spec(), folder.read_verdict(), command))
    print(f"\n{line(str(folder.path / 'blame.json'))}\n", flush=True)
