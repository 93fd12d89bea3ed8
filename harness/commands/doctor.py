"""`harness doctor`: what this machine has and lacks, and how to get it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.commands.images import read_sandboxes
from harness.containers import checks, connection
from harness.containers.engine import Engine
from harness.containers.images import bases, build
from harness.containers.sidecars.exec_filter import exec_filter_problem
from harness.containers.sidecars.file_transfer import open_file_transfer
from harness.trial.resources import HELPERS

PROBED = "workbench"
"""The sandbox in which the exec filter is tried."""

COLOURS = {"ok": "green", "missing": "red", "poor": "yellow", "unknown": "yellow"}


def doctor(
    *,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="the rows as JSON")] = False,
) -> int:
    """Look at engine, images, disk, memory and user: what is missing, and how to get it.

    Exit code 0: trials can run here; 3: something they need is missing.
    """
    sandboxes, folders = read_sandboxes()
    rows = list(look({name: build.tag(sandboxes, folders, name) for name in sorted(sandboxes)}))
    if json_:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        Console(highlight=False).print(table(rows))
    return 3 if any(row.state == "missing" for row in rows) else 0


def look(tags: dict[str, str]) -> Iterator[checks.Check]:
    """Make every check, those that need an engine only where one answers.

    `tags`: the image that each sandbox needs.
    """
    yield from checks.machine()
    api = connection.find()
    if api is None:
        found = "no Docker engine answers"
        yield checks.Check(name="engine", state="missing", found=found, remedy=connection.REMEDY)
        yield from (checks.image(name, tag, None) for name, tag in tags.items())
        return
    try:
        yield from checks.engine(api)
        built = {name: bases.has(api, tag) for name, tag in tags.items()}
        yield from (checks.image(name, tag, built[name]) for name, tag in tags.items())
    finally:
        api.close()
    if built.get(HELPERS) and built.get(PROBED):
        with Engine({"harness.run": "doctor"}) as opened:
            yield checks.exec_filter(exec_filter_problem(opened, tags[HELPERS], tags[PROBED]))
            with open_file_transfer(opened, tags[HELPERS]) as carrier:
                yield checks.file_transfer(works=carrier is not None)


def table(rows: list[checks.Check]) -> Table:
    """Return the rows as a table for a terminal; remedies stand below what they are for."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    for row in rows:
        drawn.add_row(Text(row.state, style=COLOURS[row.state]), row.name, Text(row.found))
        if row.remedy:
            drawn.add_row("", "", Text(row.remedy, style="bold"))
    return drawn
