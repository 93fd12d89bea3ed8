"""`harness prove`: tasks, faults and pairs prove themselves in containers."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from harness.agents.registry import agent_named
from harness.error_taxonomy import taxonomy
from harness.errors import InputError
from harness.history.store import Run
from harness.library.library import Library
from harness.library.load import load
from harness.models.nouns import NOOP, Pair, Task, TrialSpec, Verdict
from harness.planning.plan import spec_of
from harness.trial import scheduler
from harness.trial.resources import prepare, with_helpers
from harness.validation import cache, catalogue
from harness.validation.claims import (
    PAIR_AGENTS,
    Finding,
    ValidationClaim,
    firsts,
    ladder_claims,
    of_claim,
    pair_claims,
    task_claims,
    telling,
)
from harness.validation.round_trip import cycle
from harness.views.terminal.progress import Ticker, noting, say

Kind = Literal["task", "fault", "pair"]


def prove(
    kind: Kind,
    *ids: str,
    jobs: Annotated[int | None, Parameter(alias="-j", help="trials at once")] = None,
    out: Annotated[Path | None, Parameter(alias="-o", help="keep the trials here")] = None,
    quick: Annotated[
        bool, Parameter(negative=(), help="of pairs only: does it bite, can it be mastered")
    ] = False,
    fresh: Annotated[bool, Parameter(negative=(), help="play again what held before")] = False,
    remembered: Annotated[bool, Parameter(negative=(), help="play nothing anew")] = False,
    page: Annotated[Path | None, Parameter(help="measure the pairs; write a page")] = None,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="findings as JSON")] = False,
) -> int:
    """Prove tasks, faults or pairs (`TASK+NAME`); without ids, all of them.

    A fault is struck, healed and struck again where it, or its mechanism on a task, is met first.
    A pair includes its clean task; with `--quick` it is played by two agents alone, who knows the
    way out and who does not look.  What held before is remembered, and played again only after a
    change of anything that decides it (or with `--fresh`).  Exit code 0: all proven; 1: something
    is not what it claims to be.
    """
    library = load()
    if kind == "fault":
        found = _faults(library, ids, jobs)
    else:
        ladder = page is not None and not quick
        claims = _tasks(library, ids) if kind == "task" else _pairs(library, ids, ladder=ladder)
        if quick:
            claims = [claim for claim in claims if claim.says in PAIR_AGENTS]
        known = {} if fresh else cache.recall()
        found = _settled(library, claims, jobs, out, known, play=not remembered)
    _print(found, as_json=json_)
    if page is not None:
        page.write_text(catalogue.page(library, taxonomy.load(), found), encoding="utf-8")
    return 0 if all(finding.ok for finding in found) else 1


def _tasks(library: Library, ids: Sequence[str]) -> list[ValidationClaim]:
    names = _chosen(ids, list(library.tasks), "task")
    return [claim for name in names for claim in task_claims(library, library.tasks[name])]


def _pairs(library: Library, ids: Sequence[str], *, ladder: bool) -> list[ValidationClaim]:
    pairs = declared(library)
    chosen = [pairs[name] for name in _chosen(ids, list(pairs), "pair")]
    tasks = dict.fromkeys(task.id for task, _ in chosen)
    clean = [claim for name in tasks for claim in task_claims(library, library.tasks[name])]
    hard = [claim for each in chosen for claim in ladder_claims(library, *each) if ladder]
    pairs_ = [claim for each in chosen for claim in pair_claims(library, *each)]
    return clean + pairs_ + hard


def declared(library: Library) -> dict[str, tuple[Task, Pair]]:
    """Return all declared pairs by name."""
    return {f"{t.id}+{p.name}": (t, p) for t in library.tasks.values() for p in t.faults}


def _chosen(ids: Sequence[str], names: Sequence[str], kind: str) -> list[str]:
    for name in ids:
        if name not in names:
            raise InputError(f"no {kind} is called `{name}`; there are: {', '.join(names)}")
    return list(ids or names)


def _settled(
    library: Library,
    claims: Sequence[ValidationClaim],
    jobs: int | None,
    out: Path | None,
    known: Mapping[str, list[Finding]],
    *,
    play: bool,
) -> list[Finding]:
    """Play the claims that are not known to hold, and remember those that do."""
    keys = {_of(claim): cache.key(claim, library) for claim in claims}
    old = [claim for claim in claims if keys[_of(claim)] in known]
    new = [claim for claim in claims if keys[_of(claim)] not in known]
    if old:
        say(f"{len(old)} of {len(claims)} claims held before, and nothing of theirs has changed")
    found = [one for claim in old for one in known[keys[_of(claim)]]]

    def settle(claim: ValidationClaim, some: list[Finding]) -> None:
        found.extend(some)
        if all(one.ok for one in some):
            cache.remember(keys[_of(claim)], some)

    if new and play:
        _play(library, new, jobs, out, settle)
    return found


def _of(claim: ValidationClaim) -> tuple[str, str]:
    """Return what tells a claim from all others."""
    return claim.spec.trial, claim.says


def _play(
    library: Library,
    claims: Sequence[ValidationClaim],
    jobs: int | None,
    out: Path | None,
    settle: Callable[[ValidationClaim, list[Finding]], None],
) -> None:
    """Play claims; settle a task's as soon as its last trial is over, that little may be lost."""
    specs = list({claim.spec.trial: claim.spec for claim in claims}.values())
    twins = [twin for twin in _twins(library, specs) if twin.trial not in {s.trial for s in specs}]
    tasks: dict[str, list[TrialSpec]] = {}
    for spec in (*specs, *twins):
        tasks.setdefault(spec.task.id, []).append(spec)
    whole = list(chain.from_iterable(tasks.values()))
    verdicts: dict[str, Verdict] = {}
    lock = threading.Lock()
    with tempfile.TemporaryDirectory() as scratch:
        folder = out or Path(scratch) / "proof"
        with Run.create(folder, {"prove": [spec.trial for spec in whole]}) as run:
            note = noting(run.log)
            made = prepare(library, whole, run.path.name, note)
            with with_helpers(made, whole, note) as made, Ticker(len(whole)) as ticker:

                def ends(spec: TrialSpec, verdict: Verdict) -> None:
                    ticker.ends(spec, verdict)
                    played = tasks[spec.task.id]
                    with lock:
                        verdicts[spec.trial] = verdict
                        if not all(each.trial in verdicts for each in played):
                            return
                        own = [claim for claim in claims if claim.spec.task.id == spec.task.id]
                        for claim, some in _found(own, played, run, verdicts):
                            settle(claim, some)

                watcher = scheduler.Watcher(begins=ticker.begins, ends=ends)
                scheduler.carry_out(whole, run, made, jobs or scheduler.capacity(whole), watcher)


def _found(
    claims: Sequence[ValidationClaim],
    played: Sequence[TrialSpec],
    run: Run,
    verdicts: Mapping[str, Verdict],
) -> Iterator[tuple[ValidationClaim, list[Finding]]]:
    """Judge the claims about a task whose trials are over."""
    told = {claim.spec.trial for claim in claims if telling(claim)}
    told |= {spec.trial for spec in played if spec.agent.id == "snoop"}
    histories = {trial: run.folder(trial).read_events() for trial in sorted(told)}
    yield from ((claim, of_claim(claim, verdicts, histories)) for claim in claims)


def _twins(library: Library, specs: Sequence[TrialSpec]) -> list[TrialSpec]:
    """Return the clean twins that the search for tells is compared with."""
    snoops = [spec for spec in specs if spec.agent.id == "snoop"]
    tasks = {spec.task.id: library.tasks[spec.task.id] for spec in snoops}
    agent = agent_named("snoop")
    return [spec_of(library, task, Pair(fault=NOOP), agent) for task in tasks.values()]


def _faults(library: Library, ids: Sequence[str], jobs: int | None) -> list[Finding]:
    names = _chosen(ids, [name for name in library.faults if name != NOOP], "fault")
    blind = agent_named("blind")
    first = firsts(library)
    specs = [
        spec_of(library, task, pair, blind)
        for task, pair in declared(library).values()
        if pair.fault in names and (task.id, pair.name) in first
    ]
    # A model that fails can be met by no scripted agent: its tests prove it.
    own = {name for name in names if library.faults[name].mechanism == "model"}
    lonely = set(names) - {spec.fault.id for spec in specs} - own
    found = [
        Finding(subject=f"fault {name}", says="belongs to a pair", ok=False, got="none", trial="")
        for name in sorted(lonely)
    ]
    if specs:
        made = prepare(library, specs, "prove", say)
        with (
            with_helpers(made, specs, say) as ready,
            ThreadPoolExecutor(jobs or scheduler.capacity(specs)) as pool,
        ):
            for some in pool.map(lambda spec: cycle(spec, ready), specs):
                found += some
    return found


def _print(found: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(finding) for finding in found]))
        return
    for subject in dict.fromkeys(finding.subject for finding in found):
        own = [finding for finding in found if finding.subject == subject]
        bad = [finding for finding in own if not finding.ok]
        print(f"{'FAIL' if bad else 'ok  '} {subject}: {len(own) - len(bad)} of {len(own)} hold")
        for finding in bad:
            print(f"       {finding.says} - {finding.got}  [{finding.trial}]")
    print(f"{sum(finding.ok for finding in found)} of {len(found)} hold")
