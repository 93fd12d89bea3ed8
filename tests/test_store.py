"""A run's folder survives a killed writer, and tells finished trials from torn ones."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from harness.commands.judge import judge_
from harness.errors import HarnessError, InputError
from harness.history.events import Begun, Observation
from harness.history.owner import alive, myself
from harness.history.store import Run, write_whole
from harness.history.writer import History
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome, Verdict
from histories import trial_spec, verdict_of

if TYPE_CHECKING:
    from pathlib import Path

FAULT = {"id": "disk_full", "when": {"exec": "make"}, "schedule": {"times": 2}}
SAID = {
    "solved": True, "repaired": True, "harmed": False, "exposed": True, "claimed": "done",
    "false_success": False, "injected_at": 0.5, "exposed_at": 1.0, "recovered_at": 2.0,
}  # fmt: skip


def spec_of(trial: str = "build+disk_full+oracle+1") -> TrialSpec:
    """Return a small complete spec."""
    return trial_spec(FAULT, {"id": "build"}, {"id": "oracle"}, trial=trial, seed=7)


def verdict(trial: str, outcome: Outcome = Outcome.RECOVERED) -> Verdict:
    """Return a verdict of a trial that went well."""
    return verdict_of(spec_of(trial), outcome, **SAID)


def finish(run: Run, trial: str, outcome: Outcome = Outcome.RECOVERED) -> None:
    """Put a finished trial into the run."""
    folder = run.trial(spec_of(trial))
    with folder.events() as stream:
        History(stream, lambda: 0.0).add(Begun(image="i"))
    folder.finish(verdict(trial, outcome))


def test_a_finished_trial_comes_back_as_it_was(tmp_path: Path) -> None:
    """Spec, events and verdict read back equal what was written."""
    with Run.create(tmp_path / "run", {"tasks": ["build"]}) as run:
        finish(run, "a+b+c+1")
    again = Run.open(tmp_path / "run")
    assert again.specs() == {"a+b+c+1": spec_of("a+b+c+1")}
    assert again.finished() == {"a+b+c+1": verdict("a+b+c+1")}
    assert again.folder("a+b+c+1").read_events() == [Begun(seq=0, t=0.0, image="i")]
    assert again.facts()["asked"] == {"tasks": ["build"]}
    assert again.facts()["owner"] is None


def test_lone_surrogates_survive(tmp_path: Path) -> None:
    """Output that is no text (held as lone surrogates) is stored and read back as escapes."""
    with Run.create(tmp_path / "run", {}) as run:
        folder = run.trial(spec_of())
        with folder.events() as stream:
            History(stream, lambda: 0.0).add(Observation(step=1, stdout="\udcff\x1b[31m\u2028\n"))
        (seen,) = folder.read_events()
        assert isinstance(seen, Observation)
        assert seen.stdout == "\\udcff\x1b[31m\u2028\n"


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        pytest.param(None, False, id="no verdict"),
        pytest.param("", False, id="empty verdict"),
        pytest.param('{"format": 2, "trial"', False, id="torn verdict"),
        pytest.param("{}", False, id="verdict without fields"),
        pytest.param(verdict("a+b+c+1").model_dump_json(), True, id="whole verdict"),
        pytest.param(
            json.dumps({**verdict("a+b+c+1").model_dump(mode="json"), "new": 1}),
            True,
            id="verdict of a later version with one field more",
        ),
    ],
)
def test_finished_is_a_whole_verdict(tmp_path: Path, text: str | None, finished: bool) -> None:
    """A trial is finished when its verdict is there and whole, and only then."""
    with Run.create(tmp_path / "run", {}) as run:
        folder = run.trial(spec_of("a+b+c+1"))
        if text is not None:
            (folder.path / "verdict.json").write_text(text)
        assert (list(run.finished()) == ["a+b+c+1"]) is finished


def test_an_unfinished_trial_is_emptied(tmp_path: Path) -> None:
    """What a killed trial left behind does not leak into its second run."""
    with Run.create(tmp_path / "run", {}) as run:
        folder = run.trial(spec_of())
        folder.artifact(b"left behind")
        (folder.path / "events.jsonl").write_text("{}\n")
        again = run.trial(spec_of())
        assert sorted(p.name for p in again.path.iterdir()) == ["spec.json"]


def test_an_invalid_trial_may_run_again_and_no_other(tmp_path: Path) -> None:
    """A finished trial is never overwritten, unless it says nothing."""
    with Run.create(tmp_path / "run", {}) as run:
        finish(run, "a+b+c+1", Outcome.INVALID)
        finish(run, "a+b+c+1", Outcome.MISSED)
        with pytest.raises(HarnessError, match="finished already: missed"):
            run.trial(spec_of("a+b+c+1"))


def test_artifacts_are_named_by_content(tmp_path: Path) -> None:
    """Equal contents are kept once, under their sha256."""
    with Run.create(tmp_path / "run", {}) as run:
        folder = run.trial(spec_of())
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        assert [folder.artifact(b""), folder.artifact(b"")] == [empty, empty]
        assert [p.name for p in (folder.path / "artifacts").iterdir()] == [empty]


def test_a_run_is_never_started_over_another(tmp_path: Path) -> None:
    """A folder that holds something is refused, an empty one is taken."""
    (tmp_path / "run").mkdir()
    Run.create(tmp_path / "run", {}).close()
    with pytest.raises(InputError, match=r"there already.*--resume"):
        Run.create(tmp_path / "run", {})


@pytest.mark.parametrize("path", ["missing", "file", "folder"])
def test_what_is_no_run_is_the_users_mistake(tmp_path: Path, path: str) -> None:
    """A path without a run.json is named in the error."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=f"{path} is no run"):
        Run.open(tmp_path / path)


@pytest.mark.parametrize("trial", ["", ".", "..", "../x", "a/b", "a\0b"])
def test_trial_ids_stay_in_the_folder(tmp_path: Path, trial: str) -> None:
    """No trial id leads out of the run's folder."""
    with pytest.raises(HarnessError, match="trial's id"):
        Run(tmp_path).folder(trial)


def test_trials_are_ordered_by_attempt(tmp_path: Path) -> None:
    """Attempt 10 comes after attempt 9."""
    with Run.create(tmp_path / "run", {}) as run:
        for attempt in (10, 9, 1):
            finish(run, f"a+b+c+{attempt}")
        assert list(run.finished()) == ["a+b+c+1", "a+b+c+9", "a+b+c+10"]


KILLED_WRITER = """
import sys, time
from pathlib import Path
from harness.models.trial import TrialSpec
from harness.history.store import Run
run = Run.create(Path(sys.argv[1]), {"x": 1})
folder = run.trial(TrialSpec.model_validate_json(sys.argv[2]))
stream = folder.events()
stream.write('{"seq": 0, "t": 0, "who": "harness", "what": "begun"}\\n{"seq": 1, "torn')
stream.flush()
print("writing", flush=True)
time.sleep(60)
"""


def test_a_killed_run_resumes(tmp_path: Path) -> None:
    """While a writer lives the run is its own; when it is killed, any other may have it."""
    path = tmp_path / "run"
    command = [sys.executable, "-c", KILLED_WRITER, str(path), spec_of().model_dump_json()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        with pytest.raises(InputError, match=f"being written by process {writer.pid} on"):
            Run.resume(path)
        owner = Run.open(path).facts()["owner"]
        assert alive(owner) is True
        os.kill(writer.pid, signal.SIGKILL)
    assert alive(owner) is False
    with Run.resume(path) as run:
        assert run.facts()["owner"]["pid"] == os.getpid()
        assert run.finished() == {}
        assert run.folder(spec_of().trial).read_events() == [Begun(seq=0)]
        assert run.trial(spec_of()).read_events() == []


def test_a_reused_process_id_is_not_the_owner() -> None:
    """A process is told apart by its start time; one on another host is unknown."""
    assert alive(myself()) is True
    assert alive({**myself(), "started": 1.0}) is False
    assert alive({**myself(), "host": "elsewhere.invalid"}) is None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"seq"', id="torn in the middle"),
        pytest.param('{"who": "verifier", "what": "solved", "solved": "yes"}', id="no truth value"),
        pytest.param(
            '{"who": "agent", "what": "action", "command": "ls"}', id="a field is missing"
        ),
    ],
)
def test_a_damaged_history_is_named(tmp_path: Path, line: str) -> None:
    """A line that cannot be read is named with its file, and makes the trial invalid."""
    with Run.create(tmp_path / "run", {}) as run:
        finish(run, "a+b+c+1")
        folder = run.folder("a+b+c+1")
        (folder.path / "events.jsonl").write_text(f'{{"who": "x", "what": "new"}}\n{line}\n{{}}\n')
        with pytest.raises(HarnessError, match=r"events\.jsonl: damaged history: line 2"):
            folder.read_events()
    assert judge_(tmp_path / "run") == 0
    judged = folder.read_verdict()
    assert judged is not None
    assert judged.outcome is Outcome.INVALID
    assert "damaged history: line 2" in judged.reason


def test_the_index_holds_every_trial(tmp_path: Path) -> None:
    """The index is built anew from the files, unfinished trials included, booleans as 0/1/NULL."""
    with Run.create(tmp_path / "run", {}) as run:
        finish(run, "a+b+c+1")
        run.trial(spec_of("a+b+c+2"))
        assert run.reindex() == run.reindex() == tmp_path / "run" / "index.sqlite"
    with closing(sqlite3.connect(tmp_path / "run" / "index.sqlite")) as database:
        rows = database.execute("SELECT trial, outcome, solved, noticed, state FROM trials")
        assert rows.fetchall() == [
            ("a+b+c+1", "recovered", 1, None, "finished"),
            ("a+b+c+2", None, None, None, "unfinished"),
        ]


def test_a_file_appears_whole(tmp_path: Path) -> None:
    """The old content is replaced at once and nothing is left beside it."""
    write_whole(tmp_path / "f", "old")
    write_whole(tmp_path / "f", "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("f", "new")]
