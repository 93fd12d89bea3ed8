"""What a gate counts: without what is in quarantine or came late, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from harness.models.verdict import Outcome
from harness.release.cells import Cell
from harness.release.decision import Evidence
from harness.release.matching import Pairing, pair_cells
from harness.release.policy import Policy, Quarantine


def split_quarantine(
    policy: Policy, given: Evidence, today: date
) -> tuple[list[Cell], list[tuple[Cell, Quarantine]]]:
    """Return the cells that count, and those that are in quarantine."""
    late = set() if policy.looks > 1 else set(given.unplanned)
    cells = [_without(cell, late) for cell in given.new]
    held = [(cell, entry) for cell in cells if (entry := _holder(policy, cell, today))]
    away = {cell.key for cell, _ in held}
    return [cell for cell in cells if cell.key not in away], held


def _without(cell: Cell, late: set[str]) -> Cell:
    kept = tuple(result for result in cell.results if cell.trial(result) not in late)
    return cell if len(kept) == len(cell.results) else cell.model_copy(update={"results": kept})


def _holder(policy: Policy, cell: Cell, today: date) -> Quarantine | None:
    fits = (entry for entry in policy.quarantine if today <= entry.until and entry.fits(cell))
    return next(fits, None)


def pairing_of(
    policy: Policy, cells: Sequence[Cell], given: Evidence, today: date
) -> Pairing | None:
    """Return the cells beside the baseline's; None without a baseline."""
    if given.old is None:
        return None
    old = [cell for cell in given.old if not _holder(policy, cell, today)]
    return pair_cells(cells, old, policy.pins)


def missing_of(policy: Policy, cells: Sequence[Cell], given: Evidence, today: date) -> list[str]:
    """Return planned trials without a verdict, and cells without a valid trial."""
    known = {cell.name: cell for cell in given.new}
    trials = []
    for trial in given.missing:
        whose = trial.rpartition("+")[0]
        cell = known.get(whose) or _unknown(whose)
        if cell is None or not _holder(policy, cell, today):
            trials.append(trial)
    begun = {trial.rpartition("+")[0] for trial in trials}
    void = [c.name for c in cells if c.results and not c.valid and c.name not in begun]
    return [*trials, *void]


def _unknown(whose: str) -> Cell | None:
    """Return what the id of a trial that never began says about its cell."""
    parts = whose.split("+")
    if len(parts) != 3:  # noqa: PLR2004 - task, pair, agent
        return None
    task, pair, agent = parts
    return Cell.model_construct(
        task=task,
        pair=pair,
        fault=pair,
        category="",
        error_type=pair,
        tags=(),
        agent=agent,
        deterministic=False,
        fixable=True,
        digests={},
        judge=0,
        results=(),
    )


def trials_with(cells: Sequence[Cell], outcome: Outcome) -> list[str]:
    """Return the trials that ended so."""
    return [cell.trial(r) for cell in cells for r in cell.results if r.outcome is outcome]


def count_verdicts(cells: Sequence[Cell]) -> int:
    """Return the number of trials with a verdict."""
    return sum(len(cell.results) for cell in cells)


def explain(entry: Quarantine) -> str:
    """Return why a cell is left out, and until when."""
    return f"{entry.reason} (until {entry.until})"
