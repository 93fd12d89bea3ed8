"""What held before, so that an unchanged claim need not be played again.

A claim's key covers everything that decides what happens: the trial's spec without the task's other
pairs, the files of task, fault and images, and those modules of the harness that play and judge a
trial, read off its imports.  Only claims that held are kept: a file in our cache folder, a line
each, which may be deleted at any time.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import harness
from harness import cache_folder
from harness.containers.images import build
from harness.library.library import Library
from harness.models.trial import TrialSpec
from harness.trial.resources import needed_sandboxes
from harness.validation import imports
from harness.validation.claims import ValidationClaim
from harness.validation.findings import Finding

NAME = "validated.jsonl"

PACKAGE = Path(harness.__file__).parent

ROOTS = ("harness.trial.trial", "harness.validation.findings")
"""What plays a trial, and what says whether a claim about it holds."""

AGENTS, MECHANISMS = "harness.agents", "harness.injection.mechanisms"
"""Tables of which a trial uses one row each."""

NAMING = "harness.error_taxonomy"
"""What names the error that the oracle reads, and no other agent."""

DATA = {"harness.trial.verifier": "trial/lib.sh", NAMING: "error_taxonomy/taxonomy.yaml"}
"""Module -> the file that it reads."""


def key(claim: ValidationClaim, library: Library) -> str:
    """Return the sha256 of what decides whether a claim holds."""
    whole = f"{claim.says}\0{_trial(claim.spec, library)}"
    return hashlib.sha256(whole.encode()).hexdigest()


def _trial(spec: TrialSpec, library: Library) -> str:
    """Return the sha256 of what decides how a trial goes."""
    alone = spec.task.model_copy(update={"faults": ()})
    frozen = spec.model_copy(update={"task": alone, "digests": {}})
    total = hashlib.sha256(frozen.model_dump_json().encode())
    for name in needed_sandboxes([spec]):
        total.update(build.tag(library.sandboxes, library.folders["sandbox"], name).encode())
    agent, mechanism = spec.agent.adapter, spec.fault.mechanism
    total.update(_sources(agent, mechanism, naming=spec.agent.id == "oracle").encode())
    sidecars = library.files["task"][spec.task.id].parent
    total.update(tree(sidecars, leave_out="task.yaml").encode())
    assets = library.assets(spec.fault.id)
    total.update(tree(assets).encode() if assets else b"")
    return total.hexdigest()


def deciding_modules(
    adapter: str, mechanism: str, *, naming: bool, package: Path = PACKAGE
) -> frozenset[str]:
    """Return the modules that decide how a trial goes, and what is found of it.

    `naming`: those that name errors, too.
    """
    used = _rows(package, AGENTS, adapter) | _rows(package, MECHANISMS, mechanism)
    roots, apart = [*ROOTS, *used], None if naming else NAMING
    return imports.closure(package, roots, tables=(AGENTS, MECHANISMS), apart=apart)


def _rows(package: Path, table: str, name: str) -> frozenset[str]:
    """Return the module of a row; all of the table's where none is called as the row is."""
    rows, wanted = imports.rows(package, table), f"{table}.{name.replace('-', '_')}"
    return frozenset({wanted}) if wanted in rows else rows


@functools.cache
def tree(folder: Path, *, leave_out: str = "") -> str:
    """Return the sha256 of all files below a folder: names, executable bits and contents."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != leave_out and "__pycache__" not in path.parts:
            content = path.read_bytes()
            mark = bool(path.stat().st_mode & 0o100)
            total.update(f"{mark} {len(content)} {name}\0".encode() + content)
    return total.hexdigest()


@functools.cache
def _sources(adapter: str, mechanism: str, *, naming: bool) -> str:
    """Return the sha256 of the files that decide."""
    names = deciding_modules(adapter, mechanism, naming=naming)
    paths = {imports.source(PACKAGE, name) for name in names}
    paths |= {PACKAGE / file for name, file in DATA.items() if name in names}
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(PACKAGE)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def recall() -> dict[str, list[Finding]]:
    """Return what held, by key.  A line that a killed run left unfinished is passed over."""
    path = cache_folder.folder() / NAME
    known: dict[str, list[Finding]] = {}
    for line in path.read_text().splitlines() if path.is_file() else ():
        try:
            row = json.loads(line)
            known[row["key"]] = [Finding(**one) for one in row["findings"]]
        except (ValueError, KeyError, TypeError):
            continue
    return known


def remember(name: str, findings: Sequence[Finding]) -> None:
    """Add a claim that held."""
    line = json.dumps({"key": name, "findings": [asdict(one) for one in findings]})
    with (cache_folder.folder() / NAME).open("a") as file:
        file.write(line + "\n")
