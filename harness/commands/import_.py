"""`harness import`: other programs' trajectories as a folder of plain ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from harness import trajectories
from harness.errors import InputError
from harness.trajectories import imported
from harness.views.terminal.sanitize import line

Format = Literal[
    "atif", "inspect", "mini-swe-agent", "openhands", "plain", "swe-agent", "terminal-bench"
]
"""The keys of `harness.trajectories.FOREIGN`; a test holds the two together."""


def import_(
    format_: Annotated[Format, Parameter(name="FORMAT")],
    path: Path,
    /,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"], help="the folder to write")],
) -> int:
    """Read trajectories in another program's format and write them as plain ones.

    PATH is a file, or a folder that is searched.  The folder written is one that `harness errors`
    takes.  What cannot be read is named on standard error, the rest is written (exit 2).
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is there already: name another folder with -o")
    reading = trajectories.read(path, format_)
    imported.write(reading, format_, out)
    for problem in reading.problems:
        print(f"harness: {line(str(problem))}", file=sys.stderr)
    steps = sum(len(one.steps) for one in reading.trajectories)
    print(f"{len(reading.trajectories)} trajectories, {steps} steps: {out}")
    return 2 if reading.problems else 0
