"""Comparisons: what became better, worse, or is unclear."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harness.__main__ import main
from harness.release.cells import Cell
from harness.release.comparison import compare_cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., Cell]
    Grid = Callable[..., list[Cell]]
    Plant = Callable[..., Path]


@pytest.mark.parametrize(
    ("new", "old", "changes", "expected"),
    [
        pytest.param("mmmmmmmm", "rrrrrrrr", {}, "worse", id="lost all of eight"),
        pytest.param("rrrrrrrr", "mmmmmmmm", {}, "better", id="won all of eight"),
        pytest.param("mmm", "rrr", {}, "unclear", id="three attempts can be chance"),
        pytest.param("mrmr", "rmrm", {}, "unclear", id="as often, at other attempts"),
        pytest.param("m", "r", {"deterministic": True}, "worse", id="no chance, no doubt"),
        pytest.param("u", "r", {}, "unclear", id="no longer exposed"),
        pytest.param("hhhhhhhh", "rrrrrrrr", {}, "worse", id="harm is no mastery"),
    ],
)
def test_cells(cell: Make, new: str, old: str, changes: dict[str, Any], expected: str) -> None:
    """A cell is called better or worse where chance is ruled out, and only there."""
    shown = compare_cells(
        [cell("t", "dns", new, **changes)], [cell("t", "dns", old, **changes)], 0.05
    )
    assert [each.change for each in shown.cells] == [expected]
    assert shown.equal == 0


def test_equal_cells_are_only_counted(cell: Make) -> None:
    """What did not change is not listed."""
    same = [cell("t", "dns", "rrm"), cell("t", "noop", "p")]
    shown = compare_cells(same, same, 0.05)
    assert (shown.cells, shown.equal) == ((), 2)


def test_many_cells_share_alpha(cell: Make) -> None:
    """What alone would be worse is unclear among fifty cells that differ."""
    alone = [[cell("t", "dns", letter * 6)] for letter in "mr"]
    assert compare_cells(*alone, 0.05).cells[0].change == "worse"
    many = [[cell(f"t{i}", "dns", letters) for i in range(50)] for letters in ("m" * 6, "r" * 6)]
    assert {each.change for each in compare_cells(*many, 0.05).cells} == {"unclear"}


def test_groups(grid: Grid) -> None:
    """All faults, each category, and the control trials, each with its interval."""
    shown = compare_cells(grid(["m", "r", "m"]), grid("r"), 0.05)
    assert [(g.group, g.metric, g.change) for g in shown.groups] == [
        ("all faults", "mastery", "worse"),
        ("network", "mastery", "worse"),
        ("control trials", "passing", "same"),
    ]
    first = shown.groups[0]
    assert first.low < first.new - first.old < first.high < 0


def test_trials_to_look_at_ended_otherwise(cell: Make) -> None:
    """The attempts that flipped are named, worse cells first."""
    new = [cell("a", "dns", "rm"), cell("b", "dns", "m" * 8)]
    old = [cell("a", "dns", "rr"), cell("b", "dns", "r" * 8)]
    shown = compare_cells(new, old, 0.05)
    assert [each.task for each in shown.cells] == ["b", "a"]
    assert shown.cells[1].look == ("a+dns+new+2",)


def test_what_cannot_be_compared_is_listed(cell: Make) -> None:
    """Changed, missing and new cells are named and not compared."""
    new = [cell("a", "dns", "m", digests={}), cell("b", "dns", "m")]
    old = [cell("a", "dns", "r"), cell("c", "dns", "r")]
    shown = compare_cells(new, old, 0.05)
    assert shown.not_comparable == {"a+dns+new": ("task", "fault", "sandbox")}
    assert (shown.missing, shown.added) == (("c+dns+new",), ("b+dns+new",))
    assert shown.groups == shown.cells == ()


def test_the_command(plant: Plant, grid: Grid, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs and baseline files are compared alike; JSON is JSON and nothing else."""
    old = plant("old", grid("r", 8, agent="before"))
    new = plant("new", grid("m", 8))
    assert main(["baseline", str(old), "-o", str(old / "b.json")]) == 0
    assert main(["compare", str(old), str(new)]) == 0
    text = capsys.readouterr().out
    assert "▼ worse" in text
    assert "all faults: mastery" in text
    assert f"harness show {new} t00+dns+new+1" in text
    assert main(["compare", str(old / "b.json"), str(new)]) == 0
    assert capsys.readouterr().out == text
    assert main(["compare", str(old), str(new), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [each["change"] for each in shown["groups"]] == ["worse", "worse", "same"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "name both", id="nothing"),
        pytest.param(["{old}"], "name both", id="one"),
        pytest.param(["{old}/none.json", "{old}"], "is not there", id="no such file"),
        pytest.param(["{old}", "{old}/none"], "is no run", id="no such run"),
        pytest.param(["{old}", "{old}", "-a", "x"], "no agent `x`", id="no such agent"),
        pytest.param(["{old}", "{old}", "--against", "x"], "no agent `x`", id="nor in the base"),
        pytest.param(["{old}", "{old}", "--alpha", "2"], "between 0 and 1", id="alpha"),
    ],
)
def test_bad_input(
    plant: Plant, grid: Grid, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """What is wrong with the arguments ends in exit code 2 and says the remedy."""
    old = str(plant("old", grid("r", 2)))
    assert main(["compare", *(a.replace("{old}", old) for a in arguments)]) == 2
    assert message in capsys.readouterr().err
