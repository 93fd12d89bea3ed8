"""`harness new`: something small that works, to begin with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from harness.errors import InputError

NEXT = {
    "task": "harness lint {first} && harness validate task {name}",
    "fault": "name it in a task's `faults:`, then: harness validate pair TASK+{name}",
    "sandbox": "harness images build {name}",
    "agent": "harness run -a ./{first} -t fix-slug",
}


def new(
    kind: Literal["task", "fault", "sandbox", "agent"],
    name: str,
    /,
    *,
    type_: Annotated[
        str, Parameter(name="--type", help="fault: its error type")
    ] = "file_not_found",
    root: Annotated[Path, Parameter(help="where the data lies")] = Path(),
) -> int:
    """Write a new task, fault, sandbox or agent that works, to be rewritten."""
    from harness.library.scaffold import create  # noqa: PLC0415 - the others do without

    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name):
        raise InputError(f"`{name}`: a name has lower-case letters, digits, `_`, `-` and `.`")
    paths = create(kind, name, root, type_)
    for path in paths:
        print(path)
    print(f"Next: {NEXT[kind].format(first=paths[0], name=name)}")
    return 0
