"""`harness errors`: the errors that were not injected, in runs and in imported trajectories."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness import trajectories
from harness.error_taxonomy.classify import default
from harness.error_taxonomy.error_report import ErrorReport, report_errors, rows
from harness.error_taxonomy.insights import insights
from harness.error_taxonomy.taxonomy import load
from harness.errors import InputError
from harness.trajectories.trajectory import Reading
from harness.views.terminal import render
from harness.views.terminal.errors import insights_text, steps_text
from harness.views.terminal.sanitize import line


def errors(
    *paths: Annotated[Path, Parameter(allow_leading_hyphen=False)],
    steps: Annotated[bool, Parameter(negative=(), help="every step, not the whole")] = False,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="as JSON")] = False,
) -> int:
    """Name the errors that agents ran into, and say which of them were overcome, and how.

    PATHS are runs, imports, or trajectories in any format that `harness import` knows; a folder is
    searched for them.  What cannot be read is named on standard error, the rest is read (exit 2).
    """
    if not paths:
        raise InputError("name a run, an import or a file of steps: harness errors PATH...")
    reading = Reading.of(trajectories.read(path) for path in paths)
    classifier = default()
    found = [report_errors(trajectory, classifier) for trajectory in reading.trajectories]
    for problem in reading.problems:
        print(f"harness: {line(str(problem))}", file=sys.stderr)
    print_steps(found, json_=json_) if steps else print_whole(found, reading, json_=json_)
    return 2 if reading.problems else 0


def print_steps(found: Sequence[ErrorReport], *, json_: bool) -> None:
    """Print a row a step as JSON; for people, the errors of each trajectory."""
    if not json_:
        render.show(steps_text(found))
        return
    alone = len(found) == 1
    named = ({} if alone else {"trajectory": one.trajectory.id} for one in found)
    each = ([{**name, **row} for row in rows(one)] for name, one in zip(named, found, strict=True))
    print(json.dumps(list(chain.from_iterable(each)), indent=1))


def print_whole(found: Sequence[ErrorReport], reading: Reading, *, json_: bool) -> None:
    """Print the six insights."""
    answers = insights(found, load(), reading.problems)
    if json_:
        print(json.dumps(answers.model_dump(mode="json"), indent=1))
    else:
        render.show(insights_text(answers))
