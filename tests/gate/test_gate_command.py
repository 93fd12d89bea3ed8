"""`harness gate` as CI calls it: exit codes, files, annotations."""

from __future__ import annotations

import json
import tempfile
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from harness.__main__ import main
from harness.commands import gate as gate_command
from harness.release import decision
from harness.release.cells import Cell
from harness.views.ci import markdown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Grid = Callable[..., list[Cell]]
    Plant = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as if outside of GitHub."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


@pytest.mark.parametrize(
    ("new", "tasks", "code", "word"),
    [
        pytest.param("r", 24, 0, "PASS  mastery 100% -> 100%", id="equal"),
        pytest.param("m", 24, 1, "FAIL  mastery 100% -> 0%", id="worse"),
        pytest.param("r", 8, 4, "INCONCLUSIVE  too few tasks, 8 of the 20", id="too few"),
    ],
)
def test_exit_codes(
    plant: Plant,
    grid: Grid,
    capsys: pytest.CaptureFixture[str],
    new: str,
    tasks: int,
    code: int,
    word: str,
) -> None:
    """0 PASS, 1 FAIL, 4 INCONCLUSIVE; the first line says why."""
    old = plant("old", grid("r", tasks))
    run = plant("new", grid(new, tasks))
    assert main(["gate", str(run), "--baseline", str(old)]) == code
    assert capsys.readouterr().out.startswith(word)


def test_a_defect_of_ours_is_no_failure_of_the_agent(
    plant: Plant,
    grid: Grid,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An error that was not foreseen ends in 3, prints no verdict and leaves a report."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(gate_command, "decide", lambda *_: {}["planted"])
    assert main(["gate", str(plant("run", grid("r", 8)))]) == 3
    (report,) = tmp_path.glob("harness-crash-*.txt")
    assert "KeyError: 'planted'" in report.read_text()
    said = capsys.readouterr()
    assert said.out == ""
    assert str(report) in said.err


def test_no_file_is_needed(plant: Plant, grid: Grid) -> None:
    """A run alone is judged by the default policy."""
    assert main(["gate", str(plant("good", grid("r", 8)))]) == 0
    assert main(["gate", str(plant("bad", grid("m", 8)))]) == 1
    assert main(["gate", str(plant("few", grid("r", 2)))]) == 4


def test_a_policy_names_its_baseline(plant: Plant, grid: Grid, tmp_path: Path) -> None:
    """`baseline:` is beside the policy's file; `--baseline` goes before it."""
    plant("old", grid("r", 24))
    run = plant("new", grid("m", 24))
    policy = tmp_path / "gate.yaml"
    policy.write_text("baseline: old\nrules: [{name: a, max_drop: 0.2}]\n")
    assert main(["gate", str(run), "--policy", str(policy)]) == 1
    assert main(["gate", str(run), "--policy", str(policy), "--baseline", str(run)]) == 0


def test_one_run_can_hold_both_agents(
    plant: Plant, grid: Grid, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--agent` and `--against` compare two agents of the same run."""
    run = str(plant("run", [*grid("m", 24, agent="a"), *grid("r", 24, agent="b")]))
    assert main(["gate", run, "-a", "a", "--baseline", run, "--against", "b"]) == 1
    assert main(["gate", run, "-a", "b", "--baseline", run, "--against", "a"]) == 0
    assert "no news" not in capsys.readouterr().out
    assert main(["gate", run, "-a", "a", "--baseline", run]) == 0
    assert "the baseline is this very run" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "name a run's folder", id="no run"),
        pytest.param(["{run}/none"], "is no run", id="no such run"),
        pytest.param(["{run}", "--policy", "{run}/none.yaml"], "cannot be read", id="no policy"),
        pytest.param(["{run}", "--policy", "{run}/bad.yaml"], "bad.yaml:1:1 E201", id="bad policy"),
        pytest.param(
            ["{run}", "--policy", "{run}/drop.yaml"],
            "name one by --baseline",
            id="a drop from nothing",
        ),
        pytest.param(
            ["{run}", "--baseline", "{run}/none.json"], "`harness baseline RUN -o", id="no baseline"
        ),
        pytest.param(["{run}", "-a", "x"], "no agent `x`; there are new", id="no such agent"),
        pytest.param(["{run}", "--against", "x"], "name that by --baseline", id="against nobody"),
        pytest.param(["{run}", "--baseline", "{two}"], "by --against", id="against whom"),
        pytest.param(["{run}", "--junit", "{run}/no/j.xml"], "cannot be written", id="no folder"),
    ],
)
def test_bad_input(
    plant: Plant, grid: Grid, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """What is wrong ends in exit code 2, and the remedy is said."""
    run = plant("run", grid("r", 2))
    two = plant("two", [*grid("r", 2, agent="a"), *grid("r", 2, agent="b")])
    (run / "bad.yaml").write_text("rule: []\n")
    (run / "drop.yaml").write_text("rules: [{name: a, max_drop: 0.2}]\n")
    given = [a.replace("{run}", str(run)).replace("{two}", str(two)) for a in arguments]
    assert main(["gate", *given]) == 2
    assert message in capsys.readouterr().err


def test_json_is_the_whole_decision(
    plant: Plant, grid: Grid, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json standard output is JSON, valid by its schema, and nothing else."""
    run = plant("run", grid(["r", "m", "u"], 12))
    assert main(["gate", str(run), "--json"]) == 4
    shown = json.loads(capsys.readouterr().out)
    Draft202012Validator(json.loads(decision.schema())).validate(shown)
    assert shown["verdict"] == "INCONCLUSIVE"
    assert (shown["findings"][-1]["hits"], shown["findings"][-1]["trials"]) == (4, 8)


def test_annotations(
    plant: Plant,
    grid: Grid,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a workflow, rules are noted at their line and trials at their task; nine at most."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    (tmp_path / "tasks" / "t00").mkdir(parents=True)
    (tmp_path / "tasks" / "t00" / "task.yaml").write_text("")
    (tmp_path / "gate.yaml").write_text("rules:\n  - name: floor\n    min_mastery: 0.5\n")
    run = plant("run", grid("m", 12))
    assert main(["gate", str(run), "--policy", "gate.yaml"]) == 1
    noted = [line for line in capsys.readouterr().err.splitlines() if line.startswith("::")]
    assert noted[0] == (
        "::error file=gate.yaml,line=2,title=recovery gate%3A FAIL floor.min_mastery::mastery 0%25"
        " (90%25 interval 0%25 to 24%25), asked at least 50%25; 12 cells in 12 tasks"
    )
    assert noted[1] == (
        "::error file=tasks/t00/task.yaml,line=1,title=missed::t00+dns+new+1: planted: missed"
    )
    assert len(noted) == 10
    assert noted[-1] == "::notice title=recovery gate::4 more in the summary"
    assert main(["gate", str(run), "--policy", "gate.yaml", "--no-annotate"]) == 1
    assert capsys.readouterr().err == ""


def test_the_summary_is_appended(plant: Plant, grid: Grid, tmp_path: Path) -> None:
    """A job's page keeps what other steps wrote."""
    file = tmp_path / "page.md"
    file.write_text("before\n")
    assert main(["gate", str(plant("run", grid("m", 8))), "--summary", str(file)]) == 1
    lines = file.read_text().splitlines()
    assert lines[:4] == [
        "before",
        "## ❌ Recovery gate: FAIL",
        "",
        "mastery 0% (90% interval 0% to 34%), asked at least 50%; 8 cells in 8 tasks",
    ]
    assert "| ❌ | mastery.min\\_mastery | mastery at least 50% |" in file.read_text()


def test_the_summary_has_a_limit() -> None:
    """Beyond 900 KiB whole lines are left out, and that is said."""
    text = "| outcome | trial | why | ☠ |\n" * 60_000
    shown = markdown.truncate(text, "runs/x")
    assert len(shown.encode()) <= 900 << 10
    assert shown.endswith("The rest is left out: `harness show runs/x` has all of it.\n")
    assert set(shown.splitlines()[:-5]) == {"| outcome | trial | why | ☠ |"}
    assert markdown.truncate("short\n", "runs/x") == "short\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a|b", "a\\|b", id="a cell's end"),
        pytest.param("<img src=x>", "&#60;img src=x&#62;", id="markup"),
        pytest.param("@team #1", "&#64;team &#35;1", id="mentions"),
        pytest.param("`x` *y*\n# z", "\\`x\\` \\*y\\* &#35; z", id="markdown over lines"),
        pytest.param("\x1b[31m\u202e", "&#92;x1b\\[31m&#92;u202e", id="control characters"),
    ],
)
def test_hostile_text_stays_text(text: str, expected: str) -> None:
    """What an agent did may be shown, and does nothing."""
    assert markdown._md(text) == expected
