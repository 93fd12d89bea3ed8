"""`harness run`: play trials and record what happens."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness import api
from harness.commands.selectors import CORE, Selectors, positive
from harness.errors import InputError
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome
from harness.planning.plan import allotment, kept
from harness.views.terminal.progress import Ticker, say

Limits = Annotated[tuple[str, ...], Parameter(negative=(), consume_multiple=True)]
"""`steps=N seconds=T` after one `--limit`, or each after its own."""


def run(
    *,
    what: Selectors = CORE,
    jobs: Annotated[int | None, Parameter(alias="-j", help="trials at once")] = None,
    out: Annotated[Path | None, Parameter(alias="-o", help="the run's folder")] = None,
    resume: Annotated[bool, Parameter(negative=(), help="run only what is missing in -o")] = False,
    replay: Annotated[Path | None, Parameter(help="a run: its recorded trials again")] = None,
    live_after: Annotated[int | None, Parameter(help="recorded answers, then the model")] = None,
    limit: Annotated[Limits, Parameter(help="steps=N, seconds=T, in place of the tasks'")] = (),
    time_factor: Annotated[float, Parameter(help="times the tasks' seconds")] = 1.0,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="verdicts as JSON")] = False,
) -> int:
    """Play trials: tasks x faults x agents x attempts, each fault with its control trial.

    Without selectors it takes the core pairs; the agent is `oracle` unless named.  With --replay
    the trials of an earlier run (-t and -f choose among them) are played with their recorded
    answers in place of the model, and with --live-after K by the model itself from answer K+1 on.
    Exit code 0: every planned trial has a valid verdict, whatever the outcomes; 3: some are
    invalid; 5: nothing was selected.
    """
    if resume and out is None:
        raise InputError("--resume goes on with a run that exists: name its folder with -o")
    if replay is None and live_after is not None:
        raise InputError("--live-after goes on behind a recording: name its run with --replay")
    folder = out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}"  # noqa: DTZ005 - local time, for people
    at_once = None if jobs is None else positive(jobs, "-j")
    allotted = allotment(limit, time_factor)
    if resume:
        allotted = kept(api.open_run(folder).facts().get("asked", {}).get("limits", {}), allotted)
    asked = what.selection().asked() | {"limits": asdict(allotted)}
    library = api.load()
    specs = [allotted.applied(spec) for spec in _plan(library, what, replay, live_after)]
    with Ticker() as ticker:
        record = api.run(
            library, specs, folder,
            jobs=at_once, resume=resume, asked=asked, progress=ticker.progress,
        )  # fmt: skip
    return _show(folder, specs, record, as_json=json_)


def _plan(
    library: api.Library, what: Selectors, recording: Path | None, after: int | None
) -> list[TrialSpec]:
    """Return the trials to be played; say which are left out, and why."""
    if recording is None:
        return api.plan(library, what.selection(), say)
    if what.agent:
        raise InputError("--replay plays the agents of its run again: leave out -a")
    return api.replay(api.open_run(recording), what.selection(), after, say)


def _show(folder: Path, specs: list[TrialSpec], record: api.Run, *, as_json: bool) -> int:
    from harness.commands.show import show  # noqa: PLC0415

    verdicts = record.finished()
    mine = [verdicts[spec.trial] for spec in specs if spec.trial in verdicts]
    if as_json:
        print(json.dumps([verdict.model_dump(mode="json") for verdict in mine]))
    else:
        show(folder, brief=True)
        say(f"\nThe run is in {folder}.  Next:")
        say(f"  harness show {folder} TRIAL    one trial as a story")
    valid = sum(verdict.outcome is not Outcome.INVALID for verdict in mine)
    return 0 if valid == len(specs) else 3
