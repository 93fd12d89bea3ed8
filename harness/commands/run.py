"""`harness run`: play trials and record what happens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.agents import adapters
from harness.commands.selectors import CORE, Selectors, positive
from harness.errors import InputError, NothingSelected
from harness.history.store import Run
from harness.library.library import Library
from harness.library.load import load
from harness.models.nouns import AgentSpec, Outcome, TrialSpec
from harness.planning.compatibility import playable
from harness.planning.plan import plan
from harness.trial import scheduler
from harness.trial.replay import chosen, replayed
from harness.trial.resources import prepare, with_gateway, with_helpers
from harness.views.terminal.progress import Ticker, noting, say


def run(
    *,
    what: Selectors = CORE,
    jobs: Annotated[int | None, Parameter(alias="-j", help="trials at once")] = None,
    out: Annotated[Path | None, Parameter(alias="-o", help="the run's folder")] = None,
    resume: Annotated[bool, Parameter(negative=(), help="run only what is missing in -o")] = False,
    replay: Annotated[Path | None, Parameter(help="a run: its recorded trials again")] = None,
    live_after: Annotated[int | None, Parameter(help="recorded answers, then the model")] = None,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="verdicts as JSON")] = False,
) -> int:
    """Play trials: tasks x faults x agents x attempts, each fault with its clean twin.

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
    recording = None if replay is None else Recording(run=replay, after=live_after)
    specs, record = carried_out(what, folder, jobs=jobs, resume=resume, recording=recording)
    return _told(folder, specs, record, as_json=json_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A run to be played again: all its answers, or those up to `after`."""

    run: Path
    after: int | None


def carried_out(
    what: Selectors,
    folder: Path,
    *,
    jobs: int | None = None,
    resume: bool = False,
    recording: Recording | None = None,
) -> tuple[list[TrialSpec], Run]:
    """Plan and play a selection into a run's folder; return the specs and the run."""
    library = load()
    specs = _planned(library, what, recording)
    agents = list({spec.agent.model_dump_json(): spec.agent for spec in specs}.values())
    _ready(agents)
    asked = what.asked(agents, specs)
    with Run.resume(folder) if resume else Run.create(folder, asked) as record:
        _play(library, specs, record, jobs)
        record.reindex()
    return specs, record


def _planned(library: Library, what: Selectors, recording: Recording | None) -> list[TrialSpec]:
    """Return the trials that can be played, and say which cannot, and why."""
    wanted = what.selection()
    if recording is None:
        specs = plan(library, wanted)
    else:
        if what.agent:
            raise InputError("--replay plays the agents of its run again: leave out -a")
        specs = replayed(recording.run, recording.after, lambda spec: chosen(spec, wanted))
    able, unable = playable(specs)
    for spec, why in unable:
        say(f"skipped: {spec.trial}: {why}")
    if not able:
        raise NothingSelected("no agent that was named can meet these faults")
    return able


def _ready(agents: list[AgentSpec]) -> None:
    """Fail before anything starts when an agent cannot play."""
    for each in agents:
        check = getattr(adapters()[each.adapter], "ready", None)
        if check is not None:
            check(each)


def _play(library: Library, specs: list[TrialSpec], record: Run, jobs: int | None) -> None:
    note = noting(record.log)
    todo = scheduler.missing(specs, record)
    if todo:
        made = prepare(library, todo, record.path.resolve().name, note)
        at_once = positive(jobs, "-j") if jobs is not None else scheduler.capacity(todo)
        note(f"{len(todo)} trials, {at_once} at once, into {record.path}")
        with (
            with_helpers(made, todo, note) as armed,
            with_gateway(armed, todo) as ready,
            Ticker(len(todo)) as ticker,
        ):
            watcher = scheduler.Watcher(begins=ticker.begins, ends=ticker.ends)
            scheduler.carry_out(todo, record, ready, at_once, watcher)


def _told(folder: Path, specs: list[TrialSpec], record: Run, *, as_json: bool) -> int:
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
