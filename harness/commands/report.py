"""`harness report`: a run as one HTML file that opens without a server or a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.commands.show import Folder, open_run
from harness.errors import InputError
from harness.history.store import Run, write_whole
from harness.release.comparison import Compared
from harness.views.html.gather import Gathered

ALPHA = 0.05
"""As `harness compare` has it."""

Base = Annotated[
    Path | None, Parameter(help="compare with it: a run's folder, or a file of `harness baseline`")
]


def report(
    run: Folder = None,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="the file to write")] = Path(
        "report.html"
    ),
    baseline: Base = None,
) -> int:
    """Write a run's report: the grid of outcomes, every trial's lane, every step.

    RUN is a folder that `harness run` wrote, finished or not.
    """
    from harness.views.html import files  # noqa: PLC0415 - only this command needs it

    text = files.report(gather(open_run(run), baseline))
    try:
        write_whole(output, text)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error}") from error
    print(f"{output}: {len(text) / 1e6:.1f} MB, open it in a browser")
    return 0


def gather(run: Run, baseline: Path | None) -> Gathered:
    """Return the run for the pages, with what changed since the baseline if there is one."""
    from harness.views.html.gather import Gathered  # noqa: PLC0415 - slow to import

    return Gathered(run.path, None if baseline is None else _changes(run, baseline))


def _changes(run: Run, baseline: Path) -> Compared:
    from harness.release import baseline as baselines  # noqa: PLC0415 - only with --baseline
    from harness.release import cells, comparison, matching  # noqa: PLC0415

    new = cells.read_cells(run.path).cells
    old = matching.rename_agents(baselines.read(baseline).cells, new, None)
    return comparison.compare_cells(new, old, ALPHA)
