"""What the program does, as functions; the verbs, the pytest plug-in and notebooks call them.

Nothing here prints: hand in a `Progress` to hear how trials go.  docs/api.md has an example.  All
raise `InputError` for what its caller can put right, and `HarnessError` for what went wrong with
the harness or its machine; what goes wrong in a sandbox is in the verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from harness.agents.registry import check_ready, find_agent
from harness.analysis import rejudge
from harness.analysis.rejudge import Rejudged
from harness.attribution import attribute as attribution
from harness.attribution.document import Blame
from harness.errors import InputError, NothingSelected
from harness.history.store import Run
from harness.library.library import Library
from harness.library.load import load as load_library
from harness.models.trial import TrialSpec
from harness.planning import plan as planning
from harness.planning.plan import Selection
from harness.trial import scheduler
from harness.trial.compatibility import playable
from harness.trial.progress import SILENT, Progress, ignore
from harness.trial.replay import replay as recorded_specs
from harness.validation import cache
from harness.validation import validate as validation
from harness.validation.findings import Finding

__all__ = [
    "Library", "Progress", "Run", "Selection",
    "attribute", "judge", "load", "open_run", "plan", "replay", "run", "select", "validate",
]  # fmt: skip


def load(*roots: Path) -> Library:
    """Return all tasks, faults and sandboxes under folders that hold `tasks/`, `faults/`, ...

    Without folders: those of the package and those of the current folder.  Raises `InputError`
    with everything that is wrong in any file.
    """
    return load_library(roots or None)


def select(
    *,
    tasks: Iterable[str] = (),
    faults: Iterable[str] = (),
    agents: Iterable[str] = ("oracle",),
    attempts: int = 1,
    seed: int = 0,
    everything: bool = False,
    controls: bool = True,
) -> Selection:
    """Name trials as `harness run` does: ids, globs, error types; agents: NAME, NAME:MODEL, FILE.

    Without tasks and faults, the core pairs, or every declared pair with `everything`.  `controls`:
    with a control trial, in which nothing goes wrong, for each task.
    """
    if attempts < 1:
        raise InputError("attempts must be at least 1")
    return Selection(
        tasks=tuple(tasks),
        faults=tuple(faults),
        agents=[find_agent(name) for name in agents],
        attempts=attempts,
        seed=seed,
        everything=everything,
        controls=controls,
    )


def plan(
    library: Library, wanted: Selection, note: Callable[[str], None] = ignore
) -> list[TrialSpec]:
    """Return the selected trials, frozen and complete; all chance is drawn here, from the seed.

    A trial whose agent cannot meet its fault is left out; `note` is called with a line that says
    why.  Raises `NothingSelected` when none is left.
    """
    return playable(planning.plan(library, wanted), note)


def replay(
    recorded: Run,
    wanted: Selection,
    after: int | None = None,
    note: Callable[[str], None] = ignore,
) -> list[TrialSpec]:
    """Return the selected trials of a run as specs that take their models' answers from it.

    `after`: the model itself goes on after so many answers; None: never.
    """
    return playable(recorded_specs(recorded.path, wanted, after), note)


def run(
    library: Library,
    specs: Sequence[TrialSpec],
    folder: Path,
    *,
    jobs: int | None = None,
    resume: bool = False,
    asked: Mapping[str, Any] | None = None,
    progress: Progress = SILENT,
) -> Run:
    """Play trials in containers into a run's folder, which must be new unless `resume`.

    `jobs`: trials at once; None: what the machine can carry.  `asked`: what run.json shall say of
    the selection beside agents and trials.  The verdicts are in `Run.finished`; a trial that the
    machine spoiled is `invalid` and is played again by `resume`.
    """
    agents = list({spec.agent.model_dump_json(): spec.agent for spec in specs}.values())
    check_ready(agents)
    facts = {
        **(asked or {}),
        "agent": [agent.model_dump() for agent in agents],
        "trials": [spec.trial for spec in specs],
    }
    with Run.resume(folder) if resume else Run.create(folder, facts) as record:
        scheduler.play_missing(library, specs, record, jobs, progress)
        record.reindex()
    return record


def open_run(folder: Path) -> Run:
    """Return a run that was played, or is being played, for reading."""
    return Run.open(folder)


def judge(run: Run, *, write: bool = True) -> list[Rejudged]:
    """Judge a run's finished trials again by today's rules; `write`: put what changed in place."""
    judged = rejudge.rejudge(run)
    if write:
        rejudge.write(run, judged)
    return judged


def validate(
    library: Library,
    kind: validation.Kind,
    names: Sequence[str] = (),
    *,
    quick: bool = False,
    difficulty: bool = False,
    cached: Literal["use", "ignore", "only"] = "use",
    folder: Path | None = None,
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> list[Finding]:
    """Hold tasks, faults or pairs (`TASK+NAME`) to what they claim; without names, all of them.

    `quick` and `difficulty` are of pairs: two agents alone, or those that measure how hard it is as
    well.  What held before is taken from the cache (`use`), played again (`ignore`), or all that is
    returned (`only`).  `folder` keeps the trials.
    """
    if kind == "fault":
        return validation.round_trips(library, names, jobs, progress)
    claims = validation.claims_of(library, kind, names, quick=quick, difficulty=difficulty)
    known = {} if cached == "ignore" else cache.recall()
    play = partial(validation.play_into, folder, library, jobs=jobs, progress=progress)
    return validation.settle(
        library, claims, ignore if cached == "only" else play, known, progress.note
    )


def attribute(
    library: Library,
    run: Run,
    trials: Sequence[str] = (),
    *,
    jobs: int | None = None,
    progress: Progress = SILENT,
    found: attribution.Found = ignore,
) -> list[Blame]:
    """Find the first wrong steps of those trials of a run that went wrong, by playing them again.

    `trials`: ids; none: all.  `found` is called with each finding as it comes.  Raises
    `NothingSelected` where nothing went wrong.
    """
    folders = [run.folder(trial) for trial in trials] or run.folders()
    wrong = attribution.to_blame(folders)
    if not wrong:
        names = ", ".join(trials) or "its trials"
        raise NothingSelected(f"{run.path}: nothing went wrong in {names}: nothing to blame")
    return attribution.attribute(library, wrong, jobs, progress, found)
