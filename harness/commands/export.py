"""`harness export`: the trials of a run as training data, or in another program's format."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

import harness
from harness.analysis.assessment import Assessment
from harness.attribution import document as blame
from harness.datasets import table
from harness.datasets.material import Material
from harness.datasets.records import line
from harness.error_taxonomy.classify import default
from harness.error_taxonomy.error_report import report_errors
from harness.errors import InputError, NothingSelected
from harness.history.store import Run, TrialFolder, write_whole
from harness.trajectories import atif_export
from harness.trajectories.run import trajectory

Format = Literal[
    "atif", "sft", "sharegpt", "preference", "kto", "stepwise", "prm800k", "who-and-when",
    "corrections",
]  # fmt: skip
"""atif, and the keys of `harness.datasets.table.TABLE`; a test holds the two together."""


def export(
    run: Path,
    *,
    format_: Annotated[Format, Parameter(name="--format", help="see docs/export.md")],
    out: Annotated[Path, Parameter(alias="-o", help="the folder to write to")],
) -> int:
    """Write the trials of a run as training data, or in another program's format.

    atif: a JSON document a trial, ATIF 1.8.  All others: FORMAT.jsonl, a record a line, and
    export.json, which says where they come from and which trials gave none, and why.  What hangs
    on the first wrong step needs `harness blame RUN` first.
    """
    record = Run.open(run)
    folders = record.folders()
    if not folders:
        raise NothingSelected(f"{run} has no trials")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out}: {error.strerror}") from None
    if format_ == "atif":
        for folder in folders:
            write_whole(out / f"{folder.trial}.json", json.dumps(atif(folder), indent=1) + "\n")
        print(f"{len(folders)} trials are in {out}", file=sys.stderr)
        return 0
    facts = record.facts()
    _records(format_, [material(folder, facts) for folder in folders], facts, out)
    return 0


def atif(folder: TrialFolder) -> dict[str, Any]:
    """Return a trial as an ATIF document."""
    spec, events = folder.read_spec(), folder.read_events()
    return atif_export.document(Assessment(spec, events), folder.read_verdict())


def material(folder: TrialFolder, run: Mapping[str, Any]) -> Material:
    """Read a trial and all that is known of it."""
    path = folder.path / "events.jsonl"
    raw = path.read_bytes() if path.exists() else b""
    whole = trajectory(folder)
    return Material(
        spec=folder.read_spec(),
        events=folder.read_events(),
        verdict=folder.read_verdict(),
        blame=blame.read(folder.path),
        errors=report_errors(whole, default()),
        run=run,
        history=hashlib.sha256(raw).hexdigest(),
    )


def _records(name: str, materials: Sequence[Material], run: Mapping[str, Any], out: Path) -> None:
    """Write the records, then the page that says what they are; say what gave none."""
    records, without = table.make_records(name, materials)
    text = "".join(map(line, records)).encode("utf-8", "replace")
    write_whole(out / f"{name}.jsonl", text)
    about = {
        "format": name,
        "records": len(records),
        "sha256": hashlib.sha256(text).hexdigest(),
        "run": {key: run.get(key) for key in ("id", "created", "version")},
        "harness": harness.__version__,
        "trials": len(materials),
        "without": without,
    }
    write_whole(out / "export.json", json.dumps(about, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(records)} records are in {out / f'{name}.jsonl'}", file=sys.stderr)
    for why, trials in without.items():
        print(f"{len(trials)} of {len(materials)} trials gave none: {why}", file=sys.stderr)
