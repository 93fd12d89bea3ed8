"""`harness errors` and `harness import`: from files to answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from harness import trajectories
from harness.__main__ import main
from harness.commands.import_ import Format
from harness.error_taxonomy.answers import Insights
from harness.error_taxonomy.classify import default
from harness.error_taxonomy.error_report import report_errors
from harness.error_taxonomy.insights import insights
from harness.error_taxonomy.taxonomy import load
from harness.history.events import Event, Observation
from harness.history.store import Run
from harness.trajectories.trajectory import Step, Trajectory
from histories import action, history, observation, trial_spec

NO_JQ = ("jq . a.json", 127, "bash: line 1: jq: command not found")
GET_JQ = ("apt-get install -y jq", 0, "Setting up jq (1.6) ...")
JQ = ("jq . a.json", 0, "{}")
NO_HOST = ("curl http://waf/", 6, "curl: (6) Could not resolve host: waf")


def walk(
    name: str,
    *told: tuple[str, int, str],
    solved: bool | None = None,
    agent: str = "x",
    task: str = "t",
) -> Trajectory:
    steps = tuple(Step(command=c, exit_code=code, output=text) for c, code, text in told)
    return Trajectory(id=name, steps=steps, solved=solved, agent=agent, task=task)


def answered(*walks: Trajectory) -> Insights:
    return insights([report_errors(one, default()) for one in walks], load())


BODY = (
    walk("a", NO_JQ, GET_JQ, JQ, solved=True, agent="good", task="easy"),
    walk("b", NO_JQ, GET_JQ, JQ, NO_HOST, solved=False, agent="bad", task="hard"),
    walk("c", NO_HOST, NO_JQ, NO_HOST, solved=False, agent="bad", task="hard"),
    walk("d", JQ, solved=True, agent="good", task="easy"),
)


def test_recovery_in_solved_and_unsolved_trials() -> None:
    """The first answer: errors a trial and recovery on both sides, and the gap in points."""
    found = answered(*BODY)
    assert (2, 1, 0.5, 1.0) == (
        found.solved.trials, found.solved.errors, found.solved.errors_per_trial,
        found.solved.recovery.share,
    )  # fmt: skip
    assert (2, 4, 0.25) == (
        found.unsolved.trials,
        found.unsolved.errors,
        found.unsolved.recovery.share,
    )
    assert 75.0 == found.gap


def test_profiles() -> None:
    """The second: an agent's errors a trial, recovery, share of fatal errors, and kind."""
    bad, good = answered(*BODY).profiles
    assert ("bad", 2.0, 0.25, 0.5, "overwhelmed") == (
        bad.agent, bad.errors_per_trial, bad.recovery.share, bad.fatal.share, bad.archetype,
    )  # fmt: skip
    assert ("good", 0.5, 1.0, 0.0, "steady") == (
        good.agent, good.errors_per_trial, good.recovery.share, good.fatal.share, good.archetype,
    )  # fmt: skip


def test_an_agent_alone_has_no_kind() -> None:
    """Few and many are relative: with one agent there is nothing to compare."""
    (alone,) = answered(BODY[0]).profiles
    assert alone.archetype is None


def test_categories() -> None:
    """The third: how frequent, how recoverable, how deadly each category is."""
    found = {c.category: c for c in answered(*BODY).categories}
    assert {"cli_invocation": (3, 0.6), "network": (2, 0.4)} == {
        name: (one.errors, one.share) for name, one in found.items()
    }
    assert (2, 2) == (found["network"].fatal.hits, found["network"].fatal.trials)


def test_types() -> None:
    """The fourth and fifth: types by recovery, each with an example and what mended it."""
    worst, best = answered(*BODY).types
    assert ("dns_resolution_failure", 0, 2, NO_HOST[2], ()) == (
        worst.error_type, worst.recovery.hits, worst.errors, worst.example, worst.fixes,
    )  # fmt: skip
    assert ("command_not_found", 2, 3, 2.0) == (
        best.error_type, best.recovery.hits, best.errors, best.steps_to_recover,
    )  # fmt: skip
    assert [("installed", 2, GET_JQ[0])] == [(f.kind, f.times, f.example) for f in best.fixes]
    assert ("a", 1) == (best.trajectory, best.step)


def test_tasks() -> None:
    """The sixth: the hardest tasks first, with how many agents they hit."""
    hard, easy = answered(*BODY).tasks
    assert ("hard", 4, 2.0, 1, 0.0) == (
        hard.task, hard.errors, hard.errors_per_trial, hard.agents_with_errors, hard.solved.share,
    )  # fmt: skip
    assert ("easy", 1, 1.0) == (easy.task, easy.errors, easy.solved.share)


def test_intervals_stand_beside_the_rates() -> None:
    """Every rate has its number and Wilson interval."""
    rate = answered(*BODY).recovery
    assert (2, 5) == (rate.hits, rate.trials)
    assert (0.118, 0.769) == (round(rate.low or 0, 3), round(rate.high or 0, 3))


@pytest.mark.parametrize("walks", [(), (walk("a", JQ),)])
def test_nothing_to_tell(walks: tuple[Trajectory, ...]) -> None:
    """No trajectory, or none with an error, is answered with zeros and unknowns."""
    found = answered(*walks)
    assert (0, None, None, ()) == (found.errors, found.recovery.share, found.gap, found.types)


def test_unknown_outcomes_count_on_no_side() -> None:
    """Trials whose outcome is unknown are in the totals alone, and nothing in them is fatal."""
    found = answered(walk("a", NO_HOST))
    assert (1, 0, 0, 0) == (
        found.errors, found.solved.trials, found.unsolved.trials, found.profiles[0].fatal.trials,
    )  # fmt: skip


# --- the commands ----------------------------------------------------------------------------


def plain(path: Path, *told: tuple[str, int, str]) -> Path:
    rows = ({"command": c, "exit_code": code, "output": text} for c, code, text in told)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def printed(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> Any:
    assert code == main([str(argument) for argument in arguments])
    return json.loads(capsys.readouterr().out)


def test_steps_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file answers with an object a step, in order; no error is null."""
    path = plain(tmp_path / "a.jsonl", NO_JQ, GET_JQ, JQ, NO_HOST)
    error = {"also": [], "masked": False}
    dns = "dns_resolution_failure"
    assert [
        {"step": 1, "error_type": "command_not_found", "episode": 1, "recovered": True, **error},
        {"step": 2, "error_type": None, "also": []},
        {"step": 3, "error_type": None, "also": []},
        {"step": 4, "error_type": dns, "episode": 2, "recovered": False, **error},
    ] == printed(capsys, "errors", path, "--json", "--steps")  # fmt: skip


def test_steps_of_several_files_name_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With more than one trajectory each row says whose it is."""
    paths = [plain(tmp_path / name, NO_JQ) for name in ("a.jsonl", "b.jsonl")]
    found = printed(capsys, "errors", *paths, "--json", "--steps")
    assert [("a", 1), ("b", 1)] == [(row["trajectory"], row["step"]) for row in found]


def test_streams_kept_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output and standard error may come apart, and the exit code may be missing."""
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"command": NO_JQ[0], "stdout": "x", "stderr": NO_JQ[2]}))
    found = printed(capsys, "errors", path, "--json", "--steps")
    assert ["command_not_found"] == [row["error_type"] for row in found]


def test_a_broken_line_is_reported_and_the_rest_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read is named on standard error (exit 2), and JSON stays JSON."""
    path = plain(tmp_path / "a.jsonl", NO_JQ)
    path.write_text("{\n" + path.read_text())
    assert 2 == main(["errors", str(path), "--json"])
    out, err = capsys.readouterr()
    assert 1 == json.loads(out)["errors"]
    assert f"harness: {path}:1: not JSON" in err


def test_insights_are_json_of_their_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole is what `Insights` says."""
    found = printed(capsys, "errors", plain(tmp_path / "a.jsonl", NO_JQ, JQ), "--json")
    assert 1 == Insights.model_validate(found, strict=False).recovery.hits


@pytest.mark.parametrize("arguments", [["errors"], ["errors", "/nowhere"]])
def test_nothing_to_read(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No path, or one that is not there, is a mistake of the user's."""
    assert 2 == main(arguments)
    assert "harness: " in capsys.readouterr().err


def test_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """People get tables: no control characters, at most 100 columns."""
    hostile = ("x\x1b[2J", 127, "bash: line 1: x\x1b[2J\u202e: command not found")
    path = plain(tmp_path / "a.jsonl", NO_JQ, GET_JQ, JQ, NO_HOST, hostile)
    for arguments in (["errors", str(path)], ["errors", str(path), "--steps"]):
        assert 0 == main(arguments)
        out = capsys.readouterr().out
        assert "dns_resolution_failure" in out
        assert all(c == "\n" or c.isprintable() for c in out)
        assert 100 >= max(map(len, out.split("\n")))


def trial(run: Run, *told: tuple[str, int, str]) -> None:
    """Put a trial of these steps, and one that is cut off for its time, into a run."""
    spec = trial_spec(agent={"id": "x", "settings": {"model": "m"}})
    events: list[Event] = []
    for n, (command, code, text) in enumerate(told, start=1):
        events += [action(n, command, "m"), observation(n, stderr=text, exit_code=code)]
    events += [action(9, "sleep 99"), Observation(step=9, timed_out=True)]
    with run.trial(spec).events() as stream:
        stream.writelines(json.dumps(e.model_dump()) + "\n" for e in history(events))


def test_a_run_of_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run's trials are trajectories; a command cut off for its time is an error."""
    with Run.create(tmp_path / "run", {}) as run:
        trial(run, NO_JQ)
    (found,) = trajectories.read(tmp_path / "run").trajectories
    assert ("t", "x", "m", None, "noop") == (
        found.task, found.agent, found.model, found.solved, found.extra["fault"],
    )  # fmt: skip
    rows = printed(capsys, "errors", tmp_path / "run", "--json", "--steps")
    assert ["command_not_found", "command_timeout"] == [row["error_type"] for row in rows]


def test_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An import is a folder that `errors` takes, and it is never written over another."""
    path = plain(tmp_path / "a.jsonl", NO_JQ, JQ)
    assert 0 == main(["import", "plain", str(path), "-o", str(tmp_path / "out")])
    assert "1 trajectories, 2 steps" in capsys.readouterr().out
    assert 1 == printed(capsys, "errors", tmp_path / "out", "--json")["recovery"]["hits"]
    assert 2 == main(["import", "plain", str(path), "-o", str(tmp_path / "out")])


def test_import_takes_every_format() -> None:
    """What the command line offers is what the table of formats has."""
    assert sorted(trajectories.FOREIGN) == sorted(get_args(Format))
