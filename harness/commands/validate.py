"""`harness validate`: tasks, faults and pairs are held to what they claim, in containers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness import api
from harness.commands.selectors import positive
from harness.error_taxonomy import taxonomy
from harness.errors import InputError
from harness.validation import catalogue
from harness.validation.findings import Finding
from harness.validation.validate import Kind
from harness.views.terminal.progress import Ticker


def validate(
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
    """Validate tasks, faults or pairs (`TASK+NAME`); without ids, all of them.

    A fault is injected, reverted and injected again where it, or its mechanism on a task, is met
    first.  A pair includes its task without the fault; with `--quick` two agents alone play it, one
    that knows the resolution and one that does not look.  What held before is remembered, and
    played again only after a change of anything that decides it (or with `--fresh`).  Exit code 0:
    all valid; 1: something is not what it claims to be.
    """
    if fresh and remembered:
        raise InputError("--fresh plays everything anew, --remembered nothing: choose one")
    library = api.load()
    with Ticker() as ticker:
        found = api.validate(
            library, kind, ids,
            quick=quick,
            difficulty=page is not None,
            cached="ignore" if fresh else "only" if remembered else "use",
            folder=out,
            jobs=None if jobs is None else positive(jobs, "-j"),
            progress=ticker.progress,
        )  # fmt: skip
    _print(found, as_json=json_)
    if page is not None:
        page.write_text(catalogue.page(library, taxonomy.load(), found), encoding="utf-8")
    return 0 if all(finding.ok for finding in found) else 1


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
