"""`harness lint`: what is wrong with tasks, faults and sandboxes, line by line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.library.diagnostics import errors
from harness.library.load import gather
from harness.library.scope import scope
from harness.views.ci.lint_findings import Format, render, summary


def lint(
    *paths: Annotated[Path, Parameter(help="files or folders; none: everything there is")],
    format_: Annotated[Format, Parameter(name="--format", help="how to write them")] = "concise",
) -> int:
    """Check tasks, faults and sandboxes without running any: `file:line:col CODE message`.

    Exit code 0: no errors (warnings at most); 1: errors; 2: a path does not exist.
    """
    asked = scope(paths)
    gathered = gather(asked.roots, asked.lone)
    found = gathered.found(asked.__contains__)
    if found or format_ in {"json", "sarif"}:
        print(render(found, format_))
    files = sum(entry.path in asked for entry in gathered.entries)
    print(f"{summary(found)} in {files} file{'s' * (files != 1)}", file=sys.stderr)
    return 1 if errors(found) else 0
