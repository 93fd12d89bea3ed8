"""`harness compare`: what became better, worse, or is unclear, and the trials to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.commands.selectors import Many
from harness.errors import InputError
from harness.release import baseline as baselines
from harness.release import cells, comparison, matching
from harness.views.terminal import render
from harness.views.terminal.comparison import screen


def compare(
    base: Annotated[Path | None, Parameter(allow_leading_hyphen=False)] = None,
    run: Annotated[Path | None, Parameter(allow_leading_hyphen=False)] = None,
    /,
    *,
    agent: Annotated[Many, Parameter(alias="-a", help="these agents of RUN only")] = (),
    against: Annotated[str | None, Parameter(help="the agent of BASE to compare with")] = None,
    alpha: Annotated[float, Parameter(help="chance of calling anything changed by mistake")] = 0.05,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="as JSON")] = False,
) -> int:
    """Compare a run with a baseline: BASE is a baseline's file or a run's folder, RUN a run's.

    Cells whose task, fault or sandbox changed are listed and never compared.
    """
    if base is None or run is None:
        raise InputError("name both: harness compare BASE RUN")
    if not 0 < alpha < 1:
        raise InputError("--alpha lies between 0 and 1")
    found = matching.only(cells.read_cells(run), agent)
    old = matching.rename_agents(baselines.read(base).cells, found.cells, against)
    shown = comparison.compare_cells(found.cells, old, alpha)
    if json_:
        print(shown.model_dump_json(indent=1))
    else:
        render.show(screen(shown, str(run)))
    return 0
