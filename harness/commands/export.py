"""`harness export`: the trials of a run in another program's format."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from harness.errors import InputError, NothingSelected
from harness.formats import atif_export
from harness.record.store import Run, TrialFolder, write_whole

Format = Literal["atif"]


def export(
    run: Path,
    *,
    format_: Annotated[Format, Parameter(name="--format", help="atif: a document a trial")],
    out: Annotated[Path, Parameter(alias="-o", help="the folder to write to")],
) -> int:
    """Write the trials of a run in another program's format.

    atif: a JSON document a trial, ATIF 1.8.
    """
    folders = Run.open(run).folders()
    if not folders:
        raise NothingSelected(f"{run} has no trials")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out}: {error.strerror}") from None
    for folder in folders:
        document = FORMATS[format_](folder)
        write_whole(out / f"{folder.trial}.json", json.dumps(document, indent=1) + "\n")
    print(f"{len(folders)} trials are in {out}", file=sys.stderr)
    return 0


def atif(folder: TrialFolder) -> dict[str, Any]:
    """Return a trial as an ATIF document."""
    spec, events = folder.read_spec(), folder.read_events()
    return atif_export.document(spec, events, folder.read_verdict())


FORMATS: dict[Format, Callable[[TrialFolder], dict[str, Any]]] = {"atif": atif}
