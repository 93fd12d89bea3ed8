"""`harness list`: what there is to run, and what it runs into."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from cyclopts import Parameter

Row = dict[str, Any]
What = Literal["tasks", "faults", "agents", "sandboxes", "types"]


def list_(
    what: What,
    /,
    *,
    json_: Annotated[
        bool, Parameter(name="--json", negative=(), help="all of it, as JSON")
    ] = False,
) -> int:
    """List tasks, faults, agents, sandboxes or error types."""
    rows = ROWS[what]()
    if json_:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        _table(rows, COLUMNS[what])
    return 0


def _tasks() -> list[Row]:
    from harness.library.load import load  # noqa: PLC0415 - each list brings only what it needs

    return [
        {
            "id": task.id,
            "title": task.title,
            "sandbox": task.sandbox,
            "network": task.network,
            "tags": list(task.tags),
            "faults": [pair.name for pair in task.faults],
            "core": [pair.name for pair in task.faults if pair.core],
        }
        for task in load().tasks.values()
    ]


def _faults() -> list[Row]:
    from harness.library.load import load  # noqa: PLC0415

    return [
        {
            "id": fault.id,
            "category": fault.category,
            "error_type": fault.error_type,
            "title": fault.title,
            "mechanism": fault.mechanism,
            "when": spell(fault.when.model_dump()),
            "schedule": spell(fault.schedule.model_dump()),
            "tier": fault.tier,
            "explicit": fault.explicit,
            "transient": fault.schedule.transient,
            "resolution": fault.resolution,
            "fixable": fault.fixable,
        }
        for fault in load().faults.values()
        if not fault.control
    ]


def _agents() -> list[Row]:
    from harness.agents.registry import find_agent, names  # noqa: PLC0415

    return [
        {"id": name, "adapter": agent.adapter, "deterministic": agent.deterministic}
        for name in names()
        for agent in [find_agent(name)]
    ]


def _sandboxes() -> list[Row]:
    from harness.library.load import load  # noqa: PLC0415

    return [sandbox.model_dump(mode="json") for sandbox in load().sandboxes.values()]


def _types() -> list[Row]:
    from harness.error_taxonomy.taxonomy import load  # noqa: PLC0415

    keys = {"id", "category", "tier", "origin", "recovery", "rule", "symptoms", "fixes"}
    return [kind.model_dump(mode="json", include=keys) for kind in load().types]


ROWS = {
    "tasks": _tasks,
    "faults": _faults,
    "agents": _agents,
    "sandboxes": _sandboxes,
    "types": _types,
}
COLUMNS = {
    "tasks": ("id", "title", "sandbox", "faults"),
    "faults": ("id", "category", "title"),
    "agents": ("id", "adapter", "deterministic"),
    "sandboxes": ("id", "user", "base", "title"),
    "types": ("id", "category", "tier", "recovery"),
}
"""What of each fits a terminal."""


PIPE = 1000
"""characters in a line of a pipe"""


def spell(value: Row) -> Any:
    """Return a trigger or schedule as YAML files spell it.

    >>> spell({"kind": "during", "value": ("make",), "args": ((("all",),)), "delay": 0.5})
    {'during': 'make', 'args': ['all'], 'for': 0.5}
    """
    kind, what = value["kind"], value["value"]
    if what is None:
        return kind
    spelled = {kind: _single(what)}
    if value.get("args"):
        spelled["args"] = [_single(globs) for globs in value["args"]]
    if value.get("delay"):
        spelled["for"] = value["delay"]
    if value.get("latest"):
        spelled["latest"] = spell(value["latest"])
    return spelled


def _single(what: Any) -> Any:
    """Return a list of one as what is in it."""
    several = list(what) if isinstance(what, tuple) else what
    return several[0] if isinstance(several, list) and len(several) == 1 else several


def _table(rows: list[Row], columns: tuple[str, ...]) -> None:
    """Print a table that fits the terminal; piped, a row is one line however long."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    if not console.is_terminal:
        console.width = PIPE
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column == "id")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _cell(value: Any) -> str:
    from rich.markup import escape  # noqa: PLC0415

    match value:
        case list() | tuple():
            return escape(", ".join(map(str, value)))
        case dict():
            return escape(", ".join(f"{key}: {item}" for key, item in value.items()))
        case bool():
            return "yes" if value else "no"
        case _:
            return escape(str(value))
