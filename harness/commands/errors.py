"""`harness errors`: the errors that nobody injected, in runs and in imported trajectories."""

from __future__ import annotations

import json
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from harness import formats
from harness.errors import InputError
from harness.organic.account import account, rows
from harness.organic.classify import default
from harness.organic.errortext import insights_text, steps_text
from harness.organic.insights import insights
from harness.organic.taxonomy import load
from harness.organic.trajectory import Reading
from harness.telling import render
from harness.telling.terminal import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.organic.account import Account


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
    reading = Reading.of(formats.read(path) for path in paths)
    classifier = default()
    found = [account(trajectory, classifier) for trajectory in reading.trajectories]
    for problem in reading.problems:
        print(f"harness: {line(str(problem))}", file=sys.stderr)
    print_steps(found, json_=json_) if steps else print_whole(found, reading, json_=json_)
    return 2 if reading.problems else 0


def print_steps(found: Sequence[Account], *, json_: bool) -> None:
    """Print a row a step as JSON; for people, the errors of each trajectory."""
    if not json_:
        render.show(steps_text(found))
        return
    alone = len(found) == 1
    named = ({} if alone else {"trajectory": one.trajectory.id} for one in found)
    each = ([{**name, **row} for row in rows(one)] for name, one in zip(named, found, strict=True))
    print(json.dumps(list(chain.from_iterable(each)), indent=1))


def print_whole(found: Sequence[Account], reading: Reading, *, json_: bool) -> None:
    """Print the six insights."""
    answers = insights(found, load(), reading.problems)
    if json_:
        print(json.dumps(answers.model_dump(mode="json"), indent=1))
    else:
        render.show(insights_text(answers))
