"""Tasks, faults and pairs are held to what they claim: played, and compared with known answers."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from harness.agents.registry import find_agent
from harness.errors import InputError
from harness.history.store import Run
from harness.injection.mechanisms import needs
from harness.library.library import Library
from harness.models.fault import NOOP
from harness.models.task import Pair
from harness.models.trial import TrialSpec
from harness.models.verdict import Verdict
from harness.planning.plan import spec_of
from harness.trial import scheduler
from harness.trial.progress import SILENT, Progress, ignore
from harness.trial.resources import prepare, with_helpers
from harness.validation import cache
from harness.validation.claims import (
    PAIR_AGENTS,
    PROBE,
    ValidationClaim,
    declared_pairs,
    difficulty_claims,
    firsts,
    pair_claims,
    task_claims,
)
from harness.validation.findings import Finding, needs_history, of_claim
from harness.validation.round_trip import round_trip

Kind = Literal["task", "fault", "pair"]
Report = Callable[[ValidationClaim, list[Finding]], None]
"""Called with a claim and what became of it."""


# --- tasks and pairs -----------------------------------------------------------------------


def claims_of(
    library: Library,
    kind: Literal["task", "pair"],
    names: Sequence[str] = (),
    *,
    quick: bool = False,
    difficulty: bool = False,
) -> list[ValidationClaim]:
    """Return what tasks or pairs (`TASK+NAME`) claim; without names, all of them.

    A pair's claims include those of its task.  `quick`: of pairs only whether they bite and can be
    mastered.  `difficulty`: with the trials that measure how hard a pair is.  Raises `InputError`
    for a name that nothing has.
    """
    if kind == "task":
        return _tasks(library, _choose(names, list(library.tasks), kind))
    known = declared_pairs(library)
    pairs = [known[name] for name in _choose(names, list(known), kind)]
    claims = _tasks(library, list(dict.fromkeys(task.id for task, _ in pairs)))
    claims += [claim for pair in pairs for claim in pair_claims(library, *pair)]
    if quick:
        return [claim for claim in claims if claim.says in PAIR_AGENTS]
    hard = pairs if difficulty else []
    return claims + [claim for pair in hard for claim in difficulty_claims(library, *pair)]


def _tasks(library: Library, names: Sequence[str]) -> list[ValidationClaim]:
    return [claim for name in names for claim in task_claims(library, library.tasks[name])]


def _choose(wanted: Sequence[str], names: Sequence[str], kind: Kind) -> list[str]:
    for name in wanted:
        if name not in names:
            raise InputError(f"no {kind} is called `{name}`; there are: {', '.join(names)}")
    return list(wanted or names)


def settle(
    library: Library,
    claims: Sequence[ValidationClaim],
    play: Callable[[Sequence[ValidationClaim], Report], object],
    known: Mapping[str, list[Finding]],
    note: Callable[[str], None] = ignore,
) -> list[Finding]:
    """Return the findings of all claims: `play` those not `known` to hold, and cache what held."""
    keys = {_identity(claim): cache.key(claim, library) for claim in claims}
    old = [claim for claim in claims if keys[_identity(claim)] in known]
    new = [claim for claim in claims if keys[_identity(claim)] not in known]
    if old:
        note(f"{len(old)} of {len(claims)} claims held before, and nothing of theirs has changed")
    found = [one for claim in old for one in known[keys[_identity(claim)]]]

    def keep(claim: ValidationClaim, some: list[Finding]) -> None:
        found.extend(some)
        if all(one.ok for one in some):
            cache.remember(keys[_identity(claim)], some)

    if new:
        play(new, keep)
    return found


def _identity(claim: ValidationClaim) -> tuple[str, str]:
    """Return what no two claims have in common."""
    return claim.spec.trial, claim.says


def play_into(
    folder: Path | None,
    library: Library,
    claims: Sequence[ValidationClaim],
    report: Report,
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> None:
    """Play the claims' trials into a new run's folder; None: one that is removed at the end."""
    if folder is None:
        with tempfile.TemporaryDirectory() as scratch:
            play_claims(library, claims, Path(scratch) / "validation", report, jobs, progress)
    else:
        play_claims(library, claims, folder, report, jobs, progress)


def play_claims(
    library: Library,
    claims: Sequence[ValidationClaim],
    folder: Path,
    report: Report,
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> None:
    """Play the claims' trials into a new run's folder.

    As soon as a task's last trial is over `report` is called with each of its claims and the
    findings, so that little is lost when the run is stopped.
    """
    specs = _trials(library, claims)
    with Run.create(folder, {"trials": [spec.trial for spec in specs]}) as run:
        waiting = Waiting(claims, specs, run, report)

        def end(spec: TrialSpec, verdict: Verdict) -> None:
            progress.end(spec, verdict)
            waiting.end(spec, verdict)

        scheduler.play_missing(library, specs, run, jobs, replace(progress, end=end))


class Waiting:
    """Claims whose trials are being played."""

    def __init__(
        self,
        claims: Sequence[ValidationClaim],
        specs: Sequence[TrialSpec],
        run: Run,
        report: Report,
    ) -> None:
        self._claims, self._specs, self._run, self._report = claims, specs, run, report
        self._verdicts: dict[str, Verdict] = {}
        self._lock = threading.Lock()

    def end(self, spec: TrialSpec, verdict: Verdict) -> None:
        """Take a trial's verdict; settle its task's claims if it was the task's last trial."""
        with self._lock:
            self._verdicts[spec.trial] = verdict
            played = [each for each in self._specs if each.task.id == spec.task.id]
            if all(each.trial in self._verdicts for each in played):
                self._settle(spec.task.id, played)

    def _settle(self, task: str, played: Sequence[TrialSpec]) -> None:
        own = [claim for claim in self._claims if claim.spec.task.id == task]
        needed = {claim.spec.trial for claim in own if needs_history(claim)}
        needed |= {spec.trial for spec in played if spec.agent.id == PROBE}
        histories = {name: self._run.folder(name).read_events() for name in sorted(needed)}
        for claim in own:
            self._report(claim, of_claim(claim, self._verdicts, histories))


def _trials(library: Library, claims: Sequence[ValidationClaim]) -> list[TrialSpec]:
    """Return the claims' trials, and those that a search for leaks is compared with, by task."""
    specs = {claim.spec.trial: claim.spec for claim in claims}
    probe = find_agent(PROBE)
    searched = dict.fromkeys(s.task.id for s in specs.values() if s.agent.id == PROBE)
    for name in searched:
        control = spec_of(library, library.tasks[name], Pair(fault=NOOP), probe)
        specs.setdefault(control.trial, control)
    tasks = dict.fromkeys(spec.task.id for spec in specs.values())
    return [spec for name in tasks for spec in specs.values() if spec.task.id == name]


# --- faults --------------------------------------------------------------------------------


def round_trips(
    library: Library,
    names: Sequence[str] = (),
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> list[Finding]:
    """Inject, heal and inject faults again where each, or its mechanism on a task, is met first.

    Without names, all of them.  A fault that belongs to no pair is a finding.
    """
    chosen = _choose(names, [name for name in library.faults if name != NOOP], "fault")
    specs = _meetings(library, chosen)
    # A model that fails can be met by no scripted agent: its tests validate it.
    own = {name for name in chosen if needs(library.faults[name]).model_channel}
    lonely = sorted(set(chosen) - {spec.fault.id for spec in specs} - own)
    found = [
        Finding(subject=f"fault {name}", says="belongs to a pair", ok=False, got="none", trial="")
        for name in lonely
    ]
    if specs:
        made = prepare(library, specs, "validate", progress.note)
        at_once = jobs or scheduler.capacity(specs)
        with with_helpers(made, specs, progress.note) as ready:
            work = partial(round_trip, resources=ready)
            answers = scheduler.in_parallel(work, specs, at_once, threading.Event())
        found += [finding for some in answers for finding in some]
    return found


def _meetings(library: Library, faults: Sequence[str]) -> list[TrialSpec]:
    """Return the trials in which these faults are met first."""
    blind, first = find_agent("blind"), firsts(library)
    return [
        spec_of(library, task, pair, blind)
        for task, pair in declared_pairs(library).values()
        if pair.fault in faults and (task.id, pair.name) in first
    ]
