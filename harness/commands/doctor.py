"""`harness doctor`: what this machine has and lacks, and how to get it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import docker
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import bases, checks, host, images
from harness.library import Library
from harness.load import load

COLOURS = {"ok": "green", "missing": "red", "poor": "yellow", "unknown": "yellow"}


def doctor(
    *,
    fix: Annotated[
        bool, Parameter(negative=(), help="install, start and build what is missing")
    ] = False,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="the rows as JSON")] = False,
) -> int:
    """Look at engine, images, disk, memory and user: what is missing, and how to get it.

    Exit code 0: trials can run here; 3: something they need is missing.
    """
    library = load()
    if fix:
        mend(library)
    rows = list(look(library))
    if json_:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        Console(highlight=False).print(table(rows))
    return 3 if any(row.state == "missing" for row in rows) else 0


def mend(library: Library) -> None:
    """Start the engine and build the images."""
    api = host.start(say)
    try:
        images.ensure(api, library.sandboxes, library.folders["sandbox"], library.sandboxes, say)
    finally:
        api.close()


def look(library: Library) -> Iterator[checks.Check]:
    """Make every check, those that need an engine only where one answers."""
    yield from checks.machine()
    api = host.find()
    if api is None:
        yield checks.Check(
            name="engine", state="missing", found="no Docker engine answers", remedy=host.REMEDY
        )
        yield from _images(None, library)
        return
    try:
        yield from checks.engine(api)
        yield from _images(api, library)
    finally:
        api.close()


def _images(api: docker.APIClient | None, library: Library) -> Iterator[checks.Check]:
    folders = library.folders["sandbox"]
    for name in sorted(library.sandboxes):
        tag = images.tag(library.sandboxes, folders, name)
        yield checks.image(name, tag, bases.has(api, tag) if api else None)


def table(rows: list[checks.Check]) -> Table:
    """Return the rows as a table for a terminal; remedies stand below what they are for."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    for row in rows:
        drawn.add_row(Text(row.state, style=COLOURS[row.state]), row.name, Text(row.found))
        if row.remedy:
            drawn.add_row("", "", Text(row.remedy, style="bold"))
    return drawn


def say(line: str) -> None:
    """Tell progress where it does not mix with the result."""
    print(line, file=sys.stderr, flush=True)
