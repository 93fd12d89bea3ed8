"""The planted runs by which the search for the first wrong step is measured."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.authoring.load import load

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from planted import PLANTS, TIMES, planted


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
