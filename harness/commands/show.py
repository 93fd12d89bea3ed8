"""`harness show`: a run as a table, or one trial as a story."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.errors import InputError
from harness.history.store import Run, TrialFolder
from harness.views.terminal import render
from harness.views.terminal.overview import overview
from harness.views.terminal.sanitize import line
from harness.views.terminal.show_json import to_json
from harness.views.terminal.story import story

Folder = Annotated[Path | None, Parameter(allow_leading_hyphen=True)]
"""A run's folder, as an argument; `-` and nothing are answered with what to write."""

_MOST = 12
"""Candidates named in an error."""


def show(
    run: Folder = None,
    trial: str | None = None,
    /,
    *,
    full: Annotated[
        bool, Parameter(negative=(), help="a trial's commands and outputs, uncut")
    ] = False,
    brief: Annotated[
        bool, Parameter(negative=(), help="several agents side by side, and no more")
    ] = False,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="as JSON")] = False,
) -> int:
    """Show a run as a table, or one of its trials as a story.

    RUN is a folder that `harness run` wrote; TRIAL a trial's id or any part that fits only one.
    """
    record = open_run(run)
    if trial is None:
        summed_up = overview(record)
        text = render.run_text(summed_up, brief=brief)
        print(to_json(summed_up)) if json_ else render.show(text)
    else:
        told = story(find_trial(record.folders(), trial))
        print(to_json(told)) if json_ else render.show(render.trial_text(told, full=full))
    return 0


def open_run(run: Path | None) -> Run:
    """Return the run in a folder that the user named."""
    if run is None or str(run) == "-":
        raise InputError(f"name a run's folder, such as {_newest()}")
    if str(run).startswith("-"):
        raise InputError(f"unknown option {line(str(run))}: see --help")
    return Run.open(run)


def _newest() -> str:
    runs = sorted(Path("runs").glob("*/run.json"), key=lambda path: path.stat().st_mtime)
    return str(runs[-1].parent) if runs else "runs/NAME (harness run writes one)"


def find_trial(folders: Sequence[TrialFolder], part: str) -> TrialFolder:
    """Return the one trial whose id is, or else contains, `part`."""
    fits = [f for f in folders if f.trial == part] or [f for f in folders if part in f.trial]
    if len(fits) == 1:
        return fits[0]
    among = fits or folders
    wrong = "fits more than one trial" if fits else "fits no trial"
    some = "".join(f"\n  {line(folder.trial)}" for folder in among[:_MOST])
    more = f"\n  ... and {len(among) - _MOST} more" if len(among) > _MOST else ""
    raise InputError(f"{line(part)!r} {wrong}; there are:{some}{more}")
