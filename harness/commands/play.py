"""`harness play`: a person takes the agent's seat."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness import api
from harness.agents.person import PERSON
from harness.errors import InputError
from harness.models.fault import NOOP
from harness.trial.progress import SILENT
from harness.views.terminal.progress import say


def play(
    *,
    task: Annotated[str, Parameter(alias="-t", help="task: its id")],
    fault: Annotated[
        str, Parameter(alias="-f", help="pair or fault; without: nothing is broken")
    ] = NOOP,
    seed: Annotated[int, Parameter(help="decides every free choice")] = 0,
    out: Annotated[Path | None, Parameter(alias="-o", help="the run's folder")] = None,
) -> int:
    """Play one trial yourself: a human baseline, and how a task and a fault feel.

    You see what an agent sees, and nothing else.  The history is recorded and judged like any
    other.  Exit code 0: the trial has a valid verdict; 3: it has none.
    """
    library = api.load()
    wanted = api.select(tasks=[task], faults=[fault], seed=seed, controls=fault == NOOP)
    specs = api.plan(library, replace(wanted, agents=[PERSON]), say)
    exact = [spec for spec in specs if spec.pair == fault]
    specs = exact or specs
    if len(specs) != 1:
        names = ", ".join(spec.pair for spec in specs)
        raise InputError(f"{task} and {fault} name {len(specs)} trials ({names}): name one of them")
    now = datetime.now()  # noqa: DTZ005 - local time, for people
    folder = out or Path("runs") / f"play-{now:%Y%m%d-%H%M%S}"
    record = api.run(library, specs, folder, jobs=1, progress=replace(SILENT, note=say))
    verdict = record.finished().get(specs[0].trial)
    if verdict is None or verdict.outcome == "invalid":
        why = verdict.reason if verdict else "it was not finished"
        say(f"The trial has no valid verdict: {why}")
        return 3
    say(f"\n{verdict.outcome}: {verdict.reason}")
    say(f"  harness show {folder} {specs[0].trial}    what was broken, and when")
    return 0
