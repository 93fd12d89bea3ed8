"""`harness clean`: remove what killed runs left behind."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from harness.containers.engine import Engine


def clean(
    *,
    all_: Annotated[
        bool, Parameter(name="--all", negative=(), help="those of living runs, too")
    ] = False,
) -> int:
    """Remove labelled containers and networks whose run is dead."""
    with Engine() as engine:
        gone = engine.reap(everything=all_)
    print("\n".join(f"removed {name}" for name in gone) or "nothing was left behind")
    return 0
