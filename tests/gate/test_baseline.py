"""Baselines: a file to commit that says exactly what a run showed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from harness.__main__ import main
from harness.errors import InputError
from harness.history.store import Run
from harness.models.trial import TrialSpec
from harness.release import baseline
from harness.release.cells import Cell, read_cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., Cell]
    Grid = Callable[..., list[Cell]]
    Plant = Callable[..., Path]


def test_a_baseline_is_its_run(plant: Plant, cell: Make, tmp_path: Path) -> None:
    """Written and read back, a baseline holds the run's valid cells."""
    cells = [
        cell("a", "dns", "rmui", tags=("git",)),
        cell("a", "noop", "pf"),
        cell("b", "dns", "i"),
        cell("b", "bad", "RF", fixable=False, deterministic=True),
    ]
    run = plant("run", cells)
    file = tmp_path / "baseline.json"
    assert main(["baseline", str(run), "-o", str(file)]) == 0
    made = baseline.read(file)
    assert {c.key: c for c in made.cells} == {c.key: c for c in cells if c.key != cells[2].key}
    assert baseline.read(run).cells == tuple(c for c in read_cells(run).cells if c.valid)


def test_each_cell_is_a_line_with_k_and_n(
    plant: Plant, grid: Grid, capsys: pytest.CaptureFixture[str]
) -> None:
    """A diff shows which cells changed, and how."""
    run = plant("run", grid(["rrm"], 3))
    assert main(["baseline", str(run)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if '"task"' in line]
    assert len(lines) == 6
    rows = [json.loads(line.rstrip(",")) for line in lines]
    assert [(r["task"], r["pair"], r["k"], r["n"]) for r in rows[:2]] == [
        ("t00", "dns", 2, 3),
        ("t00", "noop", 1, 1),
    ]
    assert set(rows[0]["digests"]) == {"task", "fault", "sandbox", "agent"}


def test_a_definition_that_changed_within_the_run(plant: Plant, cell: Make) -> None:
    """Attempts on different definitions make a digest that equals no other."""
    run = plant("run", [cell("a", "dns", "rr")])
    path = run / "trials" / "a+dns+new+2" / "spec.json"
    spec = TrialSpec.model_validate_json(path.read_bytes())
    changed = spec.model_copy(update={"digests": {**spec.digests, "task": "1" * 64}})
    path.write_text(changed.model_dump_json(by_alias=True))
    assert read_cells(run).cells[0].digests["task"] == "mixed"


def test_missing_and_late_trials(plant: Plant, cell: Make) -> None:
    """Trials without a verdict, and those that the run was not planned with, are told apart."""
    run = plant("run", [cell("a", "dns", "rrm")], attempts=5, late=1)
    found = read_cells(run)
    assert found.missing == ["a+dns+new+4", "a+dns+new+5"]
    assert found.unplanned == ["a+dns+new+3"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "not JSON", id="broken"),
        pytest.param("[]", "there are no `cells`", id="another thing"),
        pytest.param('{"cells": [1]}', "there are no `cells`", id="cells that are none"),
        pytest.param('{"format": 2, "cells": []}', "no baseline: format", id="a later format"),
    ],
)
def test_a_file_that_is_no_baseline(tmp_path: Path, text: str, message: str) -> None:
    """Each names the file."""
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(InputError, match=r"b\.json: .*" + message):
        baseline.read(tmp_path / "b.json")


def test_results_are_not_edited_by_hand(plant: Plant, grid: Grid, tmp_path: Path) -> None:
    """k/n that do not follow from the results are refused."""
    text = baseline.serialize(baseline.of_run(plant("run", grid(["rrm"], 2))))
    (tmp_path / "b.json").write_text(text.replace('"k": 2, "n": 3', '"k": 3, "n": 3', 1))
    with pytest.raises(InputError, match=r"t00\+dns\+new: k/n contradict the results"):
        baseline.read(tmp_path / "b.json")


def test_a_later_version_may_say_more(plant: Plant, grid: Grid, tmp_path: Path) -> None:
    """Unknown keys are no errors."""
    data = json.loads(baseline.serialize(baseline.of_run(plant("run", grid("r", 2)))))
    data["cells"][0]["new"] = data["new"] = data["cells"][0]["results"][0]["new"] = 1
    (tmp_path / "b.json").write_text(json.dumps(data))
    assert len(baseline.read(tmp_path / "b.json").cells) == 4


def test_a_run_without_a_valid_trial(plant: Plant, cell: Make) -> None:
    """There is nothing to compare with later."""
    with pytest.raises(InputError, match="no valid trial"):
        baseline.of_run(plant("run", [cell("a", "dns", "i")]))


def test_a_run_with_nothing_in_it(tmp_path: Path) -> None:
    """Likewise."""
    Run.create(tmp_path / "run", {}).close()
    with pytest.raises(InputError, match="no valid trial"):
        baseline.of_run(tmp_path / "run")
