"""`harness prove`: tasks, faults and pairs prove themselves in containers."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from harness import campaign, proof
from harness.authoring.library import Library
from harness.authoring.load import load
from harness.cycle import cycle
from harness.errors import InputError
from harness.kit import gated, kit
from harness.models import NOOP, Pair, Spec, Task
from harness.plan import spec_of
from harness.progress import Ticker
from harness.proof import Claim, Finding
from harness.record.store import Run
from harness.roster import agent_named

Kind = Literal["task", "fault", "pair"]


def prove(
    kind: Kind,
    *ids: str,
    jobs: Annotated[int | None, Parameter(alias="-j", help="trials at once")] = None,
    out: Annotated[Path | None, Parameter(alias="-o", help="keep the trials here")] = None,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="findings as JSON")] = False,
) -> int:
    """Prove tasks, faults or pairs (`TASK+NAME`); without ids, all of them.

    Exit code 0: all proven; 1: something is not what it claims to be.
    """
    library = load()
    if kind == "fault":
        found = _faults(library, ids, jobs)
    else:
        claims = _tasks(library, ids) if kind == "task" else _pairs(library, ids)
        found = _play(library, claims, jobs, out)
    _print(found, as_json=json_)
    return 0 if all(finding.ok for finding in found) else 1


def _tasks(library: Library, ids: Sequence[str]) -> list[Claim]:
    names = _chosen(ids, list(library.tasks), "task")
    return [claim for name in names for claim in proof.task_claims(library, library.tasks[name])]


def _pairs(library: Library, ids: Sequence[str]) -> list[Claim]:
    pairs = declared(library)
    names = _chosen(ids, list(pairs), "pair")
    return [claim for name in names for claim in proof.pair_claims(library, *pairs[name])]


def declared(library: Library) -> dict[str, tuple[Task, Pair]]:
    """Return all declared pairs by name."""
    return {f"{t.id}+{p.name}": (t, p) for t in library.tasks.values() for p in t.faults}


def _chosen(ids: Sequence[str], names: Sequence[str], kind: str) -> list[str]:
    for name in ids:
        if name not in names:
            raise InputError(f"no {kind} is called `{name}`; there are: {', '.join(names)}")
    return list(ids or names)


def _play(
    library: Library, claims: Sequence[Claim], jobs: int | None, out: Path | None
) -> list[Finding]:
    specs = list({claim.spec.trial: claim.spec for claim in claims}.values())
    specs += [twin for twin in _twins(library, specs) if twin.trial not in {s.trial for s in specs}]
    with tempfile.TemporaryDirectory() as scratch:
        folder = out or Path(scratch) / "proof"
        with Run.create(folder, {"prove": [spec.trial for spec in specs]}) as run:
            made = kit(library, specs, run.path.name, _say)
            with gated(made, specs, _say) as made, Ticker(len(specs)) as ticker:
                watcher = campaign.Watcher(begins=ticker.begins, ends=ticker.ends)
                at_once = jobs or campaign.capacity(specs)
                campaign.carry_out(specs, run, made, at_once, watcher)
        snoops = [spec.trial for spec in specs if spec.agent.id == "snoop"]
        histories = {trial: run.folder(trial).read_events() for trial in snoops}
        return proof.findings(claims, run.finished(), histories)


def _twins(library: Library, specs: Sequence[Spec]) -> list[Spec]:
    """Return the clean twins that the search for tells is compared with."""
    tasks = {spec.task.id: library.tasks[spec.task.id] for spec in specs}
    agent = agent_named("snoop")
    return [spec_of(library, task, Pair(fault=NOOP), agent) for task in tasks.values()]


def _faults(library: Library, ids: Sequence[str], jobs: int | None) -> list[Finding]:
    names = _chosen(ids, [name for name in library.faults if name != NOOP], "fault")
    blind = agent_named("blind")
    specs = [
        spec_of(library, task, pair, blind)
        for task, pair in declared(library).values()
        if pair.fault in names
    ]
    # A model that fails can be met by no scripted agent: its tests prove it.
    own = {name for name in names if library.faults[name].mechanism == "model"}
    lonely = set(names) - {spec.fault.id for spec in specs} - own
    found = [
        Finding(subject=f"fault {name}", says="belongs to a pair", ok=False, got="none", trial="")
        for name in sorted(lonely)
    ]
    if specs:
        made = kit(library, specs, "prove", _say)
        with ThreadPoolExecutor(jobs or campaign.capacity(specs)) as pool:
            for some in pool.map(lambda spec: cycle(spec, made), specs):
                found += some
    return found


def _print(found: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(finding) for finding in found]))
        return
    for finding in sorted(found, key=lambda f: (f.ok, f.subject)):
        sign = "ok  " if finding.ok else "FAIL"
        print(f"{sign} {finding.subject}: {finding.says} - {finding.got}  [{finding.trial}]")
    bad = sum(not finding.ok for finding in found)
    print(f"{len(found) - bad} of {len(found)} hold")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
