"""Two agents on the same cells: what became better, worse, or is unclear.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from harness.analysis.clustered import difference
from harness.analysis.stats import holm, mcnemar
from harness.models.values import Frozen
from harness.release.cells import Cell
from harness.release.matching import Pairing, pair_cells
from harness.release.policy import Pin
from harness.release.questions import couple

PINS: tuple[Pin, ...] = ("task", "fault", "sandbox")
Change = Literal["better", "worse", "unclear", "same"]


class GroupChange(Frozen):
    """A metric over many cells, before and after."""

    group: str
    metric: str
    change: Change
    new: float
    old: float
    low: float
    high: float
    """The interval of new - old; each end is missed with a chance <= alpha / 2."""
    cells: int
    tasks: int


class CellChange(Frozen):
    """A cell whose results differ."""

    task: str
    fault: str
    agent: str
    change: Change
    new: tuple[int, int]
    """hits, trials"""
    old: tuple[int, int]
    p: float | None
    """McNemar's exact p-value of the attempts that both have; None: both agents are deterministic,
    so that chance has no part in it."""
    look: tuple[str, ...]
    """The new run's trials that ended otherwise than the old ones."""


class Compared(Frozen):
    """`harness compare --json`."""

    format: Literal[1] = 1
    alpha: float
    groups: tuple[GroupChange, ...]
    cells: tuple[CellChange, ...]
    """Those that differ, worse ones first."""
    equal: int
    """Cells without any difference."""
    not_comparable: dict[str, tuple[str, ...]]
    missing: tuple[str, ...]
    added: tuple[str, ...]


def compare_cells(new: Sequence[Cell], old: Sequence[Cell], alpha: float) -> Compared:
    """Return what changed.  Within the groups, and within the cells, Holm keeps alpha."""
    pairing = pair_cells(new, old, PINS)
    changed = [(n, o) for n, o in pairing.common if _differs(n, o)]
    return Compared(
        alpha=alpha,
        groups=tuple(_groups(pairing, alpha)),
        cells=tuple(sorted(_cells(changed, alpha), key=lambda c: (_order(c), c.task, c.fault))),
        equal=len(pairing.common) - len(changed),
        not_comparable={c.name: tuple(names) for c, names in pairing.changed},
        missing=tuple(cell.name for cell in pairing.missing),
        added=tuple(cell.name for cell in pairing.added),
    )


def _order(cell: CellChange) -> int:
    return ("worse", "unclear", "better", "same").index(cell.change)


def _metric(cell: Cell) -> str:
    return "passing" if cell.control else "mastery"


# --- groups --------------------------------------------------------------------------------


def _groups(pairing: Pairing, alpha: float) -> Iterator[GroupChange]:
    """Compare all faults, each category, and the control trials."""
    named: dict[tuple[str, str], list[tuple[Cell, Cell]]] = {}
    for new, old in pairing.common:
        metric = _metric(new)
        if new.count(metric).trials and old.count(metric).trials:
            names = ["control trials"] if new.control else ["all faults", new.category]
            for name in names:
                named.setdefault((name, metric), []).append((new, old))
    found = {
        key: difference([couple(new, old, key[1]) for new, old in both])
        for key, both in sorted(named.items(), key=lambda row: row[0] != ("all faults", "mastery"))
    }
    known = {key: estimate for key, estimate in found.items() if estimate}

    def shifted(key: tuple[str, str], level: float) -> bool:
        low, high = known[key].bounds(level / 2)
        return low > 0 or high < 0

    sure = holm(known, shifted, alpha)
    for key, estimate in known.items():
        assert estimate.pairs is not None
        low, high = estimate.bounds(alpha / 2)
        yield GroupChange(
            group=key[0],
            metric=key[1],
            change=_change(estimate.mean, certain=key in sure),
            new=estimate.pairs.both + estimate.pairs.new,
            old=estimate.pairs.both + estimate.pairs.old,
            low=low,
            high=high,
            cells=len(named[key]),
            tasks=estimate.tasks,
        )


def _change(difference: float, *, certain: bool) -> Change:
    if not certain:
        return "unclear" if difference else "same"
    return "better" if difference > 0 else "worse"


# --- cells ---------------------------------------------------------------------------------


def _differs(new: Cell, old: Cell) -> bool:
    metric = _metric(new)
    mine, theirs = new.count(metric), old.count(metric)
    if not mine.trials or not theirs.trials:
        return mine.trials != theirs.trials
    return mine.hits * theirs.trials != theirs.hits * mine.trials or bool(_changed_trials(new, old))


def _answers(cell: Cell) -> dict[int, bool]:
    return {result.attempt: answer for result, answer in cell.answers(_metric(cell))}


def _changed_trials(new: Cell, old: Cell) -> list[str]:
    before = _answers(old)
    return [
        new.trial(result)
        for result, answer in new.answers(_metric(new))
        if before.get(result.attempt, answer) is not answer
    ]


def _cells(changed: Sequence[tuple[Cell, Cell]], alpha: float) -> list[CellChange]:
    p_values = [_p(new, old) for new, old in changed]
    known = {i: p for i, p in enumerate(p_values) if p is not None}
    sure = set(holm(known, lambda i, level: known[i] <= level, alpha))
    return [
        _cell(new, old, p, certain=p is None or i in sure)
        for i, ((new, old), p) in enumerate(zip(changed, p_values, strict=True))
    ]


def _p(new: Cell, old: Cell) -> float | None:
    """Return the chance of such a difference between equal agents; None without chance."""
    if new.deterministic and old.deterministic:
        return None
    mine, theirs = _answers(new), _answers(old)
    common = mine.keys() & theirs.keys()
    better = sum(mine[i] and not theirs[i] for i in common)
    worse = sum(theirs[i] and not mine[i] for i in common)
    return mcnemar(better, worse)


def _cell(new: Cell, old: Cell, p: float | None, *, certain: bool) -> CellChange:
    metric = _metric(new)
    mine, theirs = new.count(metric), old.count(metric)
    moved = mine.hits * theirs.trials - theirs.hits * mine.trials
    unknown = not mine.trials or not theirs.trials
    change = "unclear" if unknown or not moved else _change(moved, certain=certain)
    return CellChange(
        task=new.task,
        fault=new.pair,
        agent=new.agent,
        change=change,
        new=mine,
        old=theirs,
        p=p,
        look=tuple(_changed_trials(new, old)),
    )
