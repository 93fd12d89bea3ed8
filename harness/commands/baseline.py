"""`harness baseline`: how an agent did, as a file to commit and to compare with later."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.commands.show import Folder, open_run
from harness.history.store import write_whole
from harness.release import baseline as baselines


def baseline(
    run: Folder = None,
    /,
    *,
    out: Annotated[
        Path | None, Parameter(alias="-o", help="the file; without it, standard output")
    ] = None,
) -> int:
    """Write down each cell's k/n and results, with the digests of what it was measured on.

    Commit the file beside gate.yaml; `harness gate --baseline FILE` compares with it.
    """
    made = baselines.of_run(open_run(run).path)
    text = baselines.serialize(made)
    if out is None:
        print(text, end="")
        return 0
    write_whole(out, text)
    trials = sum(len(cell.valid) for cell in made.cells)
    agents = ", ".join(dict.fromkeys(cell.agent for cell in made.cells))
    print(f"{out}: {len(made.cells)} cells, {trials} valid trials of {agents}", file=sys.stderr)
    return 0
