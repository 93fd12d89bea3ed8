"""The figures of the blame bench as Markdown, and their place in a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.history.store import write_whole

Row = dict[str, Any]


def table(kept: Sequence[Row], planned: int) -> str:
    """Return what was measured: a line a task, one for all, and what else there is to say."""
    lines = [
        (
            "| task | runs | steps | of them change anything | as the scan | as planted"
            " | replays, mean (most) | of the scan |"
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
    tasks = sorted({row["task"] for row in kept})
    lines += [_line(task, [row for row in kept if row["task"] == task]) for task in tasks]
    return "\n".join([*lines, _line("all", kept), "", *_told(kept, planned)])


def _line(name: str, some: Sequence[Row]) -> str:
    steps = [row["steps"] for row in some]
    replays = [row["replays"] for row in some]
    cells = [
        name,
        str(len(some)),
        f"{min(steps)} to {max(steps)}",
        _mean([row["changing"] for row in some]),
        _share(some, "scan"),
        _share(some, "planted"),
        f"{_mean(replays)} ({max(replays)})",
        _mean([row["steps"] + 1 for row in some]),
    ]
    return f"| {' | '.join(cells)} |"


def _share(some: Sequence[Row], truth: str) -> str:
    hits = sum(row["blamed"] is not None and row["blamed"] == row[truth] for row in some)
    return f"{hits} of {len(some)}"


def _mean(numbers: Sequence[float]) -> str:
    return f"{sum(numbers) / len(numbers):.1f}"


def _told(kept: Sequence[Row], planned: int) -> list[str]:
    kinds = sorted({row["kind"] for row in kept})
    by_kind = {kind: [row for row in kept if row["kind"] == kind] for kind in kinds}
    said = ", ".join(f"{kind} {_share(some, 'planted')}" for kind, some in by_kind.items())
    causal = [row for row in kept if row["asked_causal"]]
    part = [] if len(kept) == planned else [f"- Measured so far: {len(kept)} of {planned} runs."]
    violated = sum(row["violated"] for row in kept)
    over = sum(row["replays"] > row["allowed"] for row in kept)
    lines = (
        *part,
        f"- As planted, by kind: {said}.",
        f"- Searches that met a violation and asked every step: {violated}.",
        f"- Scanned at every single k: {sum(row['every_k'] for row in kept)}; the others once in",
        "  each stretch of equal states, and equal stretches of other runs were not played again.",
        f"- Asked more than log2(steps) + 3 times: {over}.",
        f"- Failed when they were played as they are: {sum(row['failed'] for row in kept)}.",
        (
            f"- Pass without the blamed step: {sum(row['causal'] is True for row in causal)} of"
            f" {len(causal)} asked."
        ),
    )
    return list(lines)


def put(page: Path, name: str, text: str) -> None:
    """Write figures into a page, between the marks of this name."""
    begin, end = f"<!-- measured: {name} -->", f"<!-- /measured: {name} -->"
    head, _, rest = page.read_text(encoding="utf-8").partition(begin)
    write_whole(page, f"{head}{begin}\n{text}\n{end}{rest.partition(end)[2]}")
