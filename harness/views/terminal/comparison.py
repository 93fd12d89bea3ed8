"""A comparison on a terminal: groups, then the cells that differ, then the trials to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.release.comparison import Compared
from harness.views.terminal.sanitize import line

ROWS = 12
"""cells of a kind on the screen; the JSON has all"""
SIGN = {
    "better": ("green", "▲"),
    "worse": ("red", "▼"),
    "unclear": ("yellow", "?"),
    "same": ("", "="),
}


def screen(shown: Compared, run: str) -> RenderableType:
    """Return groups and cells as tables."""
    return Group(
        _group_table(shown), Text(), *_cell_table(shown), *_apart(shown), *_look(shown, run)
    )


def _group_table(shown: Compared) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", "what", "before", "now", "change", f"{1 - shown.alpha:.0%} interval", "cells"):
        table.add_column(name, justify="left" if name in {"", "what"} else "right")
    for each in shown.groups:
        colour, sign = SIGN[each.change]
        table.add_row(
            Text(f"{sign} {each.change}", style=colour),
            f"{each.group}: {each.metric}",
            f"{each.old:.0%}",
            f"{each.new:.0%}",
            f"{100 * (each.new - each.old):+.0f}",
            f"{100 * each.low:+.0f} to {100 * each.high:+.0f}",
            f"{each.cells} in {each.tasks} tasks",
        )
    return table


def _cell_table(shown: Compared) -> Iterator[RenderableType]:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("cells", "task", "fault", "agent", "before", "now", "p"):
        table.add_column(name, overflow="fold")
    for each in shown.cells[:ROWS]:
        colour, sign = SIGN[each.change]
        p = "certain" if each.p is None else f"{each.p:.2g}"
        table.add_row(
            Text(f"{sign} {each.change}", style=colour),
            each.task,
            each.fault,
            each.agent,
            "/".join(map(str, each.old)),
            "/".join(map(str, each.new)),
            p,
        )
    if shown.cells:
        yield table
    more = len(shown.cells) - ROWS
    yield Text((f"... and {more} more that differ; " if more > 0 else "") + f"{shown.equal} equal")


def _apart(shown: Compared) -> Iterator[Text]:
    changed = [f"{cell} ({', '.join(names)})" for cell, names in shown.not_comparable.items()]
    rows: Mapping[str, Sequence[str]] = {
        "not comparable, for these changed": changed,
        "only in the old run": shown.missing,
        "only in the new run": shown.added,
    }
    for what, names in rows.items():
        if names:
            some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")  # noqa: PLR2004
            yield Text(line(f"{len(names)} {what}: {some}"), style="yellow")


def _look(shown: Compared, run: str) -> Iterator[Text]:
    trials = [trial for cell in shown.cells for trial in cell.look][:5]
    if trials:
        yield Text("\nlook at")
    for trial in trials:
        yield Text(f"  harness show {line(run)} {trial}")
