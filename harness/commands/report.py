"""`harness report`: a run as one HTML file that opens without a server or a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.commands.show import Folder, opened
from harness.errors import InputError
from harness.store import write_whole


def report(
    run: Folder = None,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="the file to write")] = Path(
        "report.html"
    ),
) -> int:
    """Write a run's report: the grid of outcomes, every trial's lane, every step.

    RUN is a folder that `harness run` wrote, finished or not.
    """
    from harness.report import files, gather  # noqa: PLC0415 - only this command needs them

    record = opened(run)
    text = files.report(gather.Gathered(record))
    try:
        write_whole(output, text)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error}") from error
    print(f"{output}: {len(text) / 1e6:.1f} MB, open it in a browser")
    return 0
