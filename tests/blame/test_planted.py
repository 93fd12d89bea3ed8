"""The planted runs by which the search for the first wrong step is measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from harness.library.load import load

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from planted import PLANTS, TIMES, planted
from shown import put, table


def test_there_are_a_hundred() -> None:
    """At least a hundred runs of 10 to 60 steps, the planted step among them."""
    library = load()
    runs = list(planted(library))
    assert len(runs) >= 100
    assert {run.spec.task.id for run in runs} == set(PLANTS)
    assert set(TIMES) <= set(PLANTS) <= set(library.tasks)
    assert all(10 <= len(run.commands) <= 60 for run in runs)
    commands = {plant.command for plants in PLANTS.values() for plant in plants}
    assert all(run.commands[run.step - 1] in commands for run in runs)
    assert len({run.spec.trial for run in runs}) == len(runs)


def test_they_are_the_same_each_time() -> None:
    """The seed decides everything."""
    library = load()
    one, other = ([run.commands for run in planted(library, seed)] for seed in (1, 1))
    assert one == other
    assert one != [run.commands for run in planted(library, 2)]


def row(**changes: Any) -> dict[str, Any]:
    """Return the figures of one run, all as it should be but for what is given."""
    known = {
        "trial": "t", "task": "fix-slug", "kind": "lost history", "steps": 20, "changing": 5,
        "planted": 7, "failed": True, "every_k": False, "scan": 7, "blamed": 7, "replays": 6,
        "allowed": 7, "violated": False, "asked_causal": True, "causal": True,
    }  # fmt: skip
    return known | changes


def test_the_table_counts_what_disagrees() -> None:
    """Another step than planted, another than the scan's, and no step at all, are no hits."""
    text = table([row(), row(planted=6), row(scan=8), row(blamed=None)], planned=5)
    assert "| all | 4 | 20 to 20 | 5.0 | 2 of 4 | 2 of 4 | 6.0 (6) | 21.0 |" in text
    assert "lost history 2 of 4" in text
    assert "Measured so far: 4 of 5 runs." in text


def test_figures_go_between_their_marks(tmp_path: Path) -> None:
    """What stands around them stays, and so do the other figures."""
    page = tmp_path / "page.md"
    marks = "<!-- measured: {0} -->\nold\n<!-- /measured: {0} -->\n"
    page.write_text("before\n" + marks.format("folders") + marks.format("containers") + "after\n")
    put(page, "containers", "new")
    assert (
        page.read_text()
        == "before\n"
        + marks.format("folders")
        + marks.format("containers").replace("old", "new")
        + "after\n"
    )
