"""How well errors are named, and how quickly: `python tests/bench/errors.py [--write]`.

Real outputs whose labels say what was done (`tests/capture/`) go through the classifier; the tables
are printed, with `--write` into docs/errors.md.  It ends with 1 if a goal is missed.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness.analysis.metrics import Rate, rate
from harness.error_taxonomy.classify import Finding, default

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).parents[2]
CAPTURED = ROOT / "tests/capture"
PAGE = ROOT / "docs/errors.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
TOP, FALSE, SPEED = 0.95, 0.01, 20_000
"""The goals: share named rightly, share of harmless ones named at all, steps a second and core."""

SIZE = 500
"""bytes of output of a step whose time counts"""

FILLER = "".join(f"  reading part-{n:04} of the inventory, 128 rows\n" for n in range(SIZE // 40))
"""What a shorter output is filled up with, at its head."""


class Row(NamedTuple):
    """A real output, its admissible labels (none: harmless), and what the classifier says."""

    labels: frozenset[str]
    command: str
    code: int
    output: str
    finding: Finding

    @property
    def right(self) -> bool:
        return self.finding.error_type in (self.labels or {None})


def read(path: Path) -> list[Row]:
    """Classify a captured set."""
    classify = default().classify
    return [
        Row(
            frozenset(one["type"]) - {"none"},
            one["cmd"],
            one["rc"],
            one["out"],
            classify(one["cmd"], one["rc"], one["out"]),
        )
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]


def named(rows: Iterable[Row]) -> Rate:
    """Return the share of errors whose type is named (top-1)."""
    return rate(row.right for row in rows if row.labels)


def false(rows: Iterable[Row]) -> Rate:
    """Return the share of harmless outputs that are called an error."""
    return rate(not row.right for row in rows if not row.labels)


def sets(groups: dict[str, list[Row]]) -> Iterator[str]:
    yield "| set | errors | named rightly | harmless | called an error |"
    yield "|---|--:|---|--:|---|"
    for name, rows in groups.items():
        top, wrong = named(rows), false(rows)
        yield f"| {name} | {top.trials} | {shown(top)} | {wrong.trials} | {shown(wrong)} |"


def categories(rows: Sequence[Row]) -> Iterator[str]:
    kinds = default().taxonomy.by_id
    yield "| category | errors | named rightly |"
    yield "|---|--:|---|"
    for category in default().taxonomy.categories:
        own = [row for row in rows if any(kinds[i].category == category.id for i in row.labels)]
        yield f"| {category.name} | {len(own)} | {shown(named(own))} |"


def confusions(rows: Iterable[Row]) -> Iterator[str]:
    wrong = Counter(
        (" or ".join(sorted(row.labels)) or "harmless", row.finding.error_type or "no error")
        for row in rows
        if not row.right
    )
    yield "| it was | it was called | times |"
    yield "|---|---|--:|"
    for (label, said), times in sorted(wrong.items()):
        yield f"| {label} | {said} | {times} |"


def shown(one: Rate) -> str:
    """Return `96.5 % [93.4, 98.1]`, the interval Wilson's of 95 %."""
    if one.share is None or one.low is None or one.high is None:
        return "-"
    return f"{100 * one.share:.1f} % ({one.hits}) [{100 * one.low:.1f}, {100 * one.high:.1f}]"


def pace(rows: Sequence[Row], passes: int = 30) -> tuple[float, float]:
    """Return steps of SIZE bytes a second and core (CPU time): the best pass, and the middle one.

    The best one is nearest to what a core can do: others are slower for what neighbours do to the
    caches, which is no property of the code.
    """
    classify = default().classify
    steps = [(row.command, row.code, (FILLER + row.output)[-SIZE:]) for row in rows]
    taken = []
    for _ in range(passes):
        began = time.process_time()
        for step in steps:
            classify(*step)
        taken.append((time.process_time() - began) / len(steps))
    return 1 / min(taken), 1 / statistics.median(taken)


def main(arguments: Sequence[str]) -> int:
    blind = read(CAPTURED / "blind.json")
    developed = {p.stem: read(p) for p in sorted((CAPTURED / "development").glob("*.json"))}
    everything = [*blind, *chain.from_iterable(developed.values())]
    speed, middle = pace(everything)
    paces = (
        f"{round(speed, -2):,.0f} in the best of 30 passes, {round(middle, -2):,.0f} in the middle"
    )
    lines = [
        "Never tuned on:", "", *sets({"blind": blind}), "",
        "Tuned on, so no measure of anything but the tuning:", "", *sets(developed), "",
        "The blind set by category:", "", *categories(blind), "",
        "All confusions of the blind set:", "", *confusions(blind), "",
        f"Steps of {SIZE} bytes a second of one core: {paces}.",
    ]  # fmt: skip
    print("\n".join(lines))
    if "--write" in arguments:
        head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        body = "\n".join(lines)
        PAGE.write_text(f"{head}{BEGIN}\n\n{body}\n\n{END}{rest.partition(END)[2]}", "utf-8")
    top, wrong = named(blind).share or 0, false(blind).share or 0
    return int(top < TOP or wrong > FALSE or speed < SPEED)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
