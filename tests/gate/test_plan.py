"""The forecast: what a gate is likely to say, before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import harness
from harness.__main__ import main
from harness.release.cells import Cell
from harness.release.forecast import Forecast, forecast, row
from harness.release.policy import Policy, default
from harness.release.power import Scene, chances, plan_questions

if TYPE_CHECKING:
    from collections.abc import Callable

    Grid = Callable[..., list[Cell]]
    Plant = Callable[..., Path]

DROP = default(baseline=True)


def seen(cells: list[Cell], old: list[Cell] | None = None, **changes: Any) -> Forecast:
    """Return a forecast with one attempt and a mean success of 80 %."""
    given = {"policy": DROP, "attempts": 1, "expected": 0.8} | changes
    return forecast(given["policy"], cells, old, given["attempts"], given["expected"])


def test_chances_keep_the_promises(grid: Grid) -> None:
    """At the margin a PASS, and of equal agents a FAIL, comes in at most 5 %."""
    table = {row.drop: row for row in seen(grid("r", 25), attempts=3).table}
    assert list(table) == [0.0, 0.075, 0.15, 0.3, pytest.approx(0.45)]
    assert table[0.15].passes <= 0.05
    assert table[0.0].fails <= 0.05
    passes = [row.passes for row in table.values()]
    fails = [row.fails for row in table.values()]
    assert passes == sorted(passes, reverse=True)
    assert fails == sorted(fails)
    assert all(row.passes + row.fails + row.open == pytest.approx(1) for row in table.values())


def test_attempts_and_tasks_help(grid: Grid) -> None:
    """More attempts, and more tasks, make a PASS likelier; the need is said in attempts."""
    sizes = ((25, 1), (25, 5), (50, 5))
    few, more, most = (seen(grid("r", tasks), attempts=n) for tasks, n in sizes)
    assert few.table[0].passes < more.table[0].passes < most.table[0].passes
    assert few.to_pass == more.to_pass
    assert few.to_pass is not None
    assert most.to_pass is not None
    assert most.to_pass < few.to_pass


def test_too_few_tasks_never_pass(grid: Grid) -> None:
    """Below the least number of tasks no number of attempts is enough."""
    found = seen(grid("r", 19))
    assert (found.tasks, found.least_tasks, found.to_pass) == (19, 20, None)
    assert found.table[0].passes == 0


def test_the_same_question_has_the_same_answer(grid: Grid) -> None:
    """A forecast can be repeated."""
    assert seen(grid("r", 22)) == seen(grid("r", 22))


def test_a_deterministic_agent_repeats_itself(grid: Grid) -> None:
    """An equal deterministic agent shows no difference, and further attempts change nothing."""
    cells = grid("r", 24, deterministic=True)
    found = seen(cells, cells)
    assert found.table[0].passes == 1
    assert found.to_pass == 1
    assert seen(cells, cells, attempts=5).table[0].passes == 1


def test_the_baseline_decides_where_there_is_one(grid: Grid) -> None:
    """Against a baseline without failures an equal agent is expected to have few."""
    plan = grid("r", 25)
    good = seen(plan, grid(["rrrrrrrrrr"], 25, control="p" * 10), attempts=3).table[0].passes
    assert good > seen(plan, attempts=3).table[0].passes


def test_what_the_plan_lacks_is_said(grid: Grid) -> None:
    """Cells of the baseline that are not planned, or changed, make a PASS impossible."""
    found = seen(grid("r", 24), grid("r", 25))
    assert found.gaps == (
        "1 of the baseline's cells are missing (t24+dns+new)",
        "1 of the baseline's cells are missing (t24+noop+new)",
    )
    assert found.table[0].passes == 0
    changed = seen(grid("r", 24), grid("r", 24, digests={}))
    assert "not comparable" in changed.gaps[0]


def test_floors_have_levels_instead_of_drops(grid: Grid) -> None:
    """Without a comparison the rows are how good the agent is."""
    found = seen(grid("r", 20), policy=default(baseline=False), attempts=3)
    assert [round(row.expected, 2) for row in found.table] == [0.8, 0.65, 0.5, 0.05]
    assert found.table[0].passes > 0.9
    assert found.table[2].passes <= 0.05
    assert found.table[2].fails <= 0.05
    assert found.table[3].fails > 0.9


def test_ceilings_are_mirrored(grid: Grid) -> None:
    """A rule on false successes is simulated by failures."""
    policy = Policy.model_validate({"rules": [{"name": "a", "max_false_success": 0.5}]})
    about = plan_questions(policy, grid("r", 20), None)
    assert chances(about, None, Scene(0.0, 0.9, 3), 0.05).passes > 0.9
    assert chances(about, None, Scene(0.0, 0.1, 3), 0.05).fails > 0.9


def test_nothing_is_asked(grid: Grid) -> None:
    """A policy of hard rules alone leaves nothing to chance."""
    found = seen(grid("r", 3), policy=Policy())
    assert (found.least_tasks, found.to_pass, found.table[0].passes) == (0, None, 1.0)


# --- the command ---------------------------------------------------------------------------


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """It takes the selectors of `run`, starts nothing, and tells trials, cost and chances."""
    assert main(["plan", "-t", "fix-slug", "-f", "lock_on_the_way", "-n", "2", "-a", "naive"]) == 0
    text = capsys.readouterr().out
    assert "fix-slug  noop, lock_on_the_way  naive   2" in text
    assert "4 trials in 1 tasks" in text
    assert "no PASS is possible: it takes 20 tasks, the plan has 1" in text


def test_the_command_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the plan and the forecast are data."""
    assert main(["plan", "-t", "fix-slug", "-f", "lock_on_the_way", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["trials"] == ["fix-slug+noop+oracle+1", "fix-slug+lock_on_the_way+oracle+1"]
    assert shown["forecast"]["table"][0]["open"] == 1.0
    assert shown["seconds"] > 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(["-t", "nope"], 2, "no task is called", id="no such task"),
        pytest.param(["-t", "fix-slug", "-f", "noop", "--expect", "1"], 2, "between", id="expect"),
        pytest.param(["--policy", "none.yaml"], 2, "cannot be read", id="no policy"),
        pytest.param(["--baseline", "none.json"], 2, "harness baseline", id="no baseline"),
        pytest.param(["-t", "fix-s*", "-f", "dns_resolution_blip"], 5, "no pair", id="nothing"),
    ],
)
def test_exit_codes(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    """What is wrong is said before anything is computed."""
    assert main(["plan", *arguments]) == code
    assert message in capsys.readouterr().err


def test_the_table_in_the_docs() -> None:
    """docs/gate.md shows what is computed; its first row stands for all."""
    text = (Path(harness.__file__).parent.parent / "docs" / "gate.md").read_text(encoding="utf-8")
    assert row(20) in text.splitlines()
