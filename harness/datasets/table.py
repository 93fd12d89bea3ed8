"""The formats by name.  Each makes of one trial, beside the others of its run, records or a reason.

A maker returns a list of records, or one line that says why it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.datasets.attribution import corrections, who_and_when
from harness.datasets.comparisons import kto, preference
from harness.datasets.conversations import sft, sharegpt
from harness.datasets.material import Material
from harness.datasets.records import Record
from harness.datasets.stepped import prm800k, stepwise

Maker = Callable[[Material, Sequence[Material]], Sequence[Record] | str]

TABLE: dict[str, Maker] = {
    "sft": sft,
    "sharegpt": sharegpt,
    "preference": preference,
    "kto": kto,
    "stepwise": stepwise,
    "prm800k": prm800k,
    "who-and-when": who_and_when,
    "corrections": corrections,
}


def make_records(
    name: str, materials: Sequence[Material]
) -> tuple[list[Record], dict[str, list[str]]]:
    """Return all records of a format, and the trials that gave none by the reason why."""
    records: list[Record] = []
    without: dict[str, list[str]] = {}
    for one in materials:
        found = one.unfit or TABLE[name](one, materials)
        if isinstance(found, str):
            without.setdefault(found, []).append(one.spec.trial)
        else:
            records += found
    return records, without
