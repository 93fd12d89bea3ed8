"""Two runs beside each other: which cells are the same, and may be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.errors import InputError
from harness.release.cells import Cell, Played
from harness.release.policy import Pin

JUDGE = "judge"
"""The name under which another version of the rules is listed."""


class Pairing(NamedTuple):
    """Cells of the same task and fault, by two agents, and what has no counterpart."""

    common: list[tuple[Cell, Cell]]
    """new, old"""
    changed: list[tuple[Cell, list[str]]]
    """New cells that are not comparable, and which definitions differ."""
    missing: list[Cell]
    """Old cells of which the new run has no valid trial."""
    added: list[Cell]
    """New cells that the old run lacks."""


def pair_cells(new: Sequence[Cell], old: Sequence[Cell], pins: Sequence[Pin]) -> Pairing:
    """Put every cell beside its counterpart.  A pinned digest that differs parts them."""
    before = {cell.key: cell for cell in old if cell.valid}
    found = {cell.key: cell for cell in new if cell.valid}
    both = [(cell, before[key]) for key, cell in found.items() if key in before]
    differing = [(a, b, different(a, b, pins)) for a, b in both]
    return Pairing(
        common=[(a, b) for a, b, names in differing if not names],
        changed=[(a, names) for a, _, names in differing if names],
        missing=[cell for key, cell in before.items() if key not in found],
        added=[cell for key, cell in found.items() if key not in before],
    )


def different(new: Cell, old: Cell, pins: Sequence[Pin]) -> list[str]:
    """Return the pinned definitions, and the judge, in which two cells differ.

    A definition that changed within a run, or has no digest, differs from everything.
    """

    def same(name: str) -> bool:
        digest = new.digests.get(name)
        return digest is not None and len(digest) == 64 and digest == old.digests.get(name)  # noqa: PLR2004 - sha256

    differing = [name for name in pins if not same(name)]
    return differing + ([JUDGE] if new.judge != old.judge or not new.judge else [])


def rename_agents(old: Sequence[Cell], new: Sequence[Cell], against: str | None) -> list[Cell]:
    """Return the old cells under the names of the new agents that they are compared with.

    `against` names the old agent.  Without it an agent is compared with its namesake, or with the
    only one there is.  Raises `InputError` if that does not decide it.
    """
    theirs = list(dict.fromkeys(cell.agent for cell in old))
    if against is not None and against not in theirs:
        raise InputError(f"the baseline has no agent `{against}`; there are {', '.join(theirs)}")
    renamed: list[Cell] = []
    for mine in dict.fromkeys(cell.agent for cell in new):
        whose = against or (mine if mine in theirs else theirs[0] if len(theirs) == 1 else None)
        if whose is None:
            raise InputError(
                f"the baseline has no agent `{mine}` but {', '.join(theirs)}: "
                "name the one to compare with by --against"
            )
        renamed += [c.model_copy(update={"agent": mine}) for c in old if c.agent == whose]
    return renamed


def only(cells: Played, agents: Sequence[str]) -> Played:
    """Return the cells and trials of some agents, of all if none is named."""
    known = list(dict.fromkeys(cell.agent for cell in cells.cells))
    if unknown := next((name for name in agents if name not in known), None):
        raise InputError(f"the run has no agent `{unknown}`; there are {', '.join(known)}")
    chosen = set(agents or known)

    def mine(trial: str) -> bool:
        return not set(trial.split("+")[2:3]).isdisjoint(chosen)

    return Played(
        [cell for cell in cells.cells if cell.agent in chosen],
        [trial for trial in cells.missing if mine(trial)],
        [trial for trial in cells.unplanned if mine(trial)],
    )
