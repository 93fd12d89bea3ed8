"""`harness export`: training data from recorded trials, held against schemas and real consumers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.analysis.verdict import judge
from harness.attribution import document
from harness.commands.export import Format, export
from harness.datasets.records import KINDS, schema
from harness.datasets.redact import MARK, redact
from harness.datasets.table import TABLE
from harness.history.events import Ended, Event, HandedOver, Probed
from harness.history.store import Run
from harness.models.trial import TrialSpec
from histories import action, checks, ends, history, injected, observation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.attribution.document import Blame

SCHEMAS = Path(__file__).parent.parent / "docs" / "schema"
LOCKED = "fatal: .git/index.lock: File exists."
KEY = "ghp_0123456789abcdefghijABCDEFGHIJ"

Step = tuple[str, str, int]
"""Command, what it prints, exit code."""


def spec(agent: str, attempt: int = 1) -> TrialSpec:
    """Return the spec of a trial with a lock in its way."""
    task = {
        "id": "commit", "title": "t", "instruction": "Commit the fix.", "sandbox": "s",
        "solution": ["git add -A", "git commit -m fix"], "damage": "false",
    }  # fmt: skip
    fault = {
        "id": "lock", "title": "A lock", "category": "git", "error_type": "git_index_locked",
        "evidence": {"seen": [r"index\.lock.*File exists"], "repairs": [r"\brm\b.*lock"]},
    }  # fmt: skip
    return TrialSpec.model_validate(
        {
            "trial": f"commit+lock+{agent}+{attempt}", "pair": "lock", "attempt": attempt,
            "seed": 7, "task": task, "fault": fault, "agent": {"id": agent, "adapter": "oracle"},
            "sandbox": {"id": "s", "title": "s"}, "digests": {"task": "a" * 64},
        }
    )  # fmt: skip


def played(
    steps: Sequence[Step], *, solved: bool, words: str = "Look first.", final: str = "STATUS: done"
) -> list[Event]:
    """Return what a trial with these steps leaves behind; `rm` mends the fault."""
    events: list[Event] = []
    gone = False
    for n, (command, printed, code) in enumerate(steps, 1):
        seen = observation(
            n, printed, exit_code=code, pipestatus=[code], seconds=0.1,
            digest=f"d{n}", changed=code == 0,
        )  # fmt: skip
        events += [action(n, command, words if n == 1 else None), seen]
        if command.startswith("rm "):
            gone = True
            events.append(Probed(present=False, step=n))
    end = [*ends(final), *checks(present=not gone, solved=solved), Ended()]
    return history(HandedOver(before=0.0), injected(), events, end)


def record(run: Run, agent: str, events: Sequence[Event]) -> Path:
    """Put a finished trial into a run and return its folder."""
    folder = run.trial(spec(agent))
    with folder.events() as stream:
        stream.writelines(json.dumps(event.model_dump()) + "\n" for event in events)
    folder.finish(judge(spec(agent), events))
    return folder.path


ADD, LOST = ("git add -A", "", 0), ("git reset --hard", "HEAD is now at 1", 0)
MET = ("git commit -m fix", LOCKED, 128)
MEND, COMMIT = ("rm .git/index.lock", f"token {KEY}", 0), ("git commit -m fix", "", 0)


def blamed(trial: str, then: Sequence[str] = ("rm .git/index.lock", "git commit -m fix")) -> Blame:
    """Return the finding that step 3 lost a trial of three steps."""
    passes = {"0": True, "2": True, "3": False}
    found = {
        "step": 3, "certain": True, "low": 2, "high": 3, "scanned": False, "passes": passes,
    }  # fmt: skip
    probe = {"outcome": "recovered", "diverged": None, "alike": 1.0, "seconds": 1.0}
    return document.Blame.model_validate_json(
        json.dumps(
            {
                "trial": trial, "seed": 7, "steps": 3, "step": 3, "exposed": 2, "no_return": 3,
                "reason": "before step 3 there is a way on that passes, after it none",
                "between": None, "value_drop": None, "fidelity": 1.0, "seconds": 9.0,
                "necessity": {"causal": True, "by": "the trial passes without it"},
                "ways": {"oracle": found},
                "probes": [
                    {"way": "oracle", "k": 2, "passed": True, "then": list(then), **probe},
                    {"way": "oracle", "k": 3, "passed": False, **probe},
                ],
            }
        )
    )  # fmt: skip


def planted(path: Path, *, sibling: bool = False) -> Run:
    """Make a run: one trial that recovered, one that was lost in step 3, one that gave up."""
    trials: dict[str, tuple[list[Event], Blame | None]] = {
        "lost": (
            played([ADD, MET, LOST], solved=False, words=""), blamed("commit+lock+lost+1"),
        ),
        "quitter": (played([ADD, MET], solved=False, final="STATUS: blocked - a lock"), None),
    }  # fmt: skip
    if sibling:
        trials["fixer"] = (played([ADD, MET, MEND, COMMIT], solved=True), None)
    run = Run.create(path, {"tasks": ["commit"]})
    with run:
        for agent, (events, blame) in trials.items():
            folder = record(run, agent, events)
            if blame is not None:
                document.write(folder, blame)
    return run


def exported(run: Run, name: Format, out: Path) -> list[dict[str, Any]]:
    """Export, and hold every line against its schema."""
    assert export(run.path, format_=name, out=out) == 0
    lines = (out / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    file = SCHEMAS / f"export-{name}.schema.json"
    validator = jsonschema.Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))
    assert [] == [e.message for row in rows for e in validator.iter_errors(row)]
    return rows


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return planted(tmp_path / "run", sibling=True)


def test_the_formats_are_all_there() -> None:
    """What can be asked for, what can be made and what has a schema are the same."""
    assert {"atif", *TABLE} == set(get_args(Format))
    assert set(TABLE) == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_the_schemas_are_those_of_the_records(name: str) -> None:
    """docs/schema is written by `python -m harness.datasets.records docs/schema`."""
    stored = (SCHEMAS / f"export-{name}.schema.json").read_text(encoding="utf-8")
    assert schema(name) == stored


def test_sft_learns_from_behind_the_mistake(run: Run, tmp_path: Path) -> None:
    """Only what was mastered is imitated; the failing step is context, the repair a target."""
    (row,) = exported(run, "sft", tmp_path / "out")
    assert row["id"] == "commit+lock+fixer+1"
    roles = [message["role"] for message in row["messages"]]
    assert ["user", *["assistant", "tool"] * 4, "assistant"] == roles
    first = row["messages"][row["train_from_message_index"]]
    assert json.loads(first["tool_calls"][0]["function"]["arguments"])["command"] == MEND[0]
    assert row["messages"][1]["content"] == "Look first."
    assert "tool_calls" not in row["messages"][0]
    assert row["detection"]["signal"]["line"] == LOCKED


def test_sharegpt_takes_turns(run: Run, tmp_path: Path) -> None:
    """Human and observation stand in odd places, calls and words in even ones."""
    (row,) = exported(run, "sharegpt", tmp_path / "out")
    who = [turn["from"] for turn in row["conversations"]]
    assert set(who[0::2]) == {"human", "observation"}
    assert set(who[1::2]) == {"function_call", "gpt"}
    first = json.loads(row["conversations"][row["train_from_conversation_index"]]["value"])
    assert first == {"name": "bash", "arguments": {"command": MEND[0]}}
    assert json.loads(row["tools"])[0]["name"] == "bash"


def command(message: dict[str, Any]) -> str:
    found: str = json.loads(message["tool_calls"][0]["function"]["arguments"])["command"]
    return found


@pytest.mark.parametrize(
    ("sibling", "source"),
    [
        pytest.param(True, "trial commit+lock+fixer+1", id="another trial took the way"),
        pytest.param(False, "replay: oracle", id="a replay did"),
    ],
)
def test_pairs_branch_at_the_blamed_step(tmp_path: Path, source: str, *, sibling: bool) -> None:
    """The prompt ends before the wrong step; chosen passes from there, rejected does not."""
    (row,) = exported(planted(tmp_path / "run", sibling=sibling), "preference", tmp_path / "out")
    assert ["user", "assistant", "tool", "assistant", "tool"] == [m["role"] for m in row["prompt"]]
    assert (MEND[0], LOST[0]) == (command(row["chosen"][0]), command(row["rejected"][0]))
    assert source in row["method"]


def test_kto_labels_trials_and_steps(run: Run, tmp_path: Path) -> None:
    """A trial has the label of its outcome; a blamed step and its correction have theirs."""
    rows = exported(run, "kto", tmp_path / "out")
    assert {
        "commit+lock+fixer+1": True, "commit+lock+quitter+1": False, "commit+lock+lost+1": False,
        "commit+lock+lost+1#3-": False, "commit+lock+lost+1#3+": True,
    } == {row["id"]: row["label"] for row in rows}  # fmt: skip


def test_stepwise_is_right_until_the_blamed_step(run: Run, tmp_path: Path) -> None:
    """Labels fall once, at the blamed step; who was neither blamed nor mastered is left out."""
    labels = {r["id"]: r["labels"] for r in exported(run, "stepwise", tmp_path / "out")}
    assert {
        "commit+lock+fixer+1": [True] * 4, "commit+lock+lost+1": [True, True, False],
    } == labels  # fmt: skip


def test_prm800k_ends_with_the_error(run: Run, tmp_path: Path) -> None:
    """The first wrong step is the last, with what would have been right beside it."""
    rows = {row["id"]: row for row in exported(run, "prm800k", tmp_path / "out")}
    label = rows["commit+lock+lost+1"]["label"]
    assert label["finish_reason"] == "found_error"
    assert [-1, 1] == [each["rating"] for each in label["steps"][-1]["completions"]]
    assert rows["commit+lock+fixer+1"]["label"]["finish_reason"] == "solution"


def test_the_wrong_step_has_its_place_in_the_history(run: Run, tmp_path: Path) -> None:
    """`mistake_step` counts entries from 0, observations too, as the judges do."""
    (row,) = exported(run, "who-and-when", tmp_path / "out")
    assert LOST[0] in row["history"][int(row["mistake_step"])]["content"]
    assert (row["mistake_agent"], row["is_correct"]) == ("lost", False)


def test_a_correction_has_its_evidence(run: Run, tmp_path: Path) -> None:
    """Wrong and right action, the signal, the replays, and the continuation that passes."""
    (row,) = exported(run, "corrections", tmp_path / "out")
    assert (3, LOST[0]) == (row["first_wrong_step"], row["wrong_action"]["command"])
    assert row["corrected_action"]["command"] == MEND[0]
    assert [MEND[0], COMMIT[0]] == [action["command"] for action in row["continuation"]]
    assert (2, 3, True) == tuple(row["why"][k] for k in ("passes_until", "fails_from", "causal"))
    assert row["detection"]["signal"]["step"] == 2
    assert row["error_types"] == ["git_index_locked"]
    assert row["fidelity"] == 1.0


def test_reasoning_is_never_made_up(tmp_path: Path) -> None:
    """What a replay did has no words; only an agent's own are passed on."""
    (row,) = exported(planted(tmp_path / "run"), "corrections", tmp_path / "out")
    assert row["continuation_from"] == "replay: oracle"
    assert row["corrected_reasoning"] is None


def test_what_gives_no_record_is_said(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """export.json and standard error name the trials left out, and why."""
    exported(run, "preference", tmp_path / "out")
    about = json.loads((tmp_path / "out" / "export.json").read_text(encoding="utf-8"))
    without = {trial: why for why, trials in about["without"].items() for trial in trials}
    assert set(without) == {"commit+lock+fixer+1", "commit+lock+quitter+1"}
    assert "harness blame" in without["commit+lock+quitter+1"]
    assert "2 of 3 trials gave none" in capsys.readouterr().err


@pytest.mark.parametrize("name", KINDS)
def test_the_same_run_gives_the_same_bytes(name: Format, run: Run, tmp_path: Path) -> None:
    """No clock, no chance and no order of a file system is in an export."""
    exported(run, name, tmp_path / "a")
    exported(run, name, tmp_path / "b")
    for file in (f"{name}.jsonl", "export.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("name", KINDS)
def test_no_secret_and_a_source(name: Format, run: Run, tmp_path: Path) -> None:
    """A token that a step printed is gone; run, trial, digests and history are named."""
    for row in exported(run, name, tmp_path / "out"):
        assert KEY not in json.dumps(row)
        assert (row["provenance"]["run"], len(row["provenance"]["history"])) == (
            run.facts()["id"], 64,
        )  # fmt: skip
        assert row["provenance"]["digests"] == {"task": "a" * 64}
    assert MARK in (tmp_path / "out" / f"{name}.jsonl").read_text(encoding="utf-8") or name in {
        "preference", "stepwise", "prm800k", "who-and-when", "corrections",
    }  # fmt: skip


TRL = {
    "sft": {"messages", "tools"},
    "preference": {"prompt", "chosen", "rejected"},
    "kto": {"prompt", "completion", "label"},
    "stepwise": {"prompt", "completions", "labels"},
}
"""The columns that TRL's trainers ask for."""


@pytest.mark.parametrize("name", TRL)
def test_a_trainer_can_load_it(
    name: Format, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The `datasets` library reads the lines as a table with the trainer's columns."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    rows = exported(run, name, tmp_path / "out")
    path = str(tmp_path / "out" / f"{name}.jsonl")
    table = datasets.Dataset.from_json(path, cache_dir=str(tmp_path / "cache"))
    assert TRL[name] <= set(table.column_names)
    assert len(rows) == table.num_rows
    assert rows[0]["id"] == table[0]["id"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"git clone https://u:{KEY}@x/y", "git clone https://u:[redacted]@x/y",
                     id="in a URL"),
        pytest.param("export API_KEY='abcdef123'", "export API_KEY='[redacted]'", id="assigned"),
        pytest.param("-H 'Authorization: Bearer abc.def'", "-H 'Authorization: Bearer [redacted]'",
                     id="a header"),
        pytest.param("password = $PASSWORD", "password = $PASSWORD", id="a name is no secret"),
        pytest.param("token = tokens[0]", "token = tokens[0]", id="nor is code"),
        pytest.param("-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----", MARK,
                     id="a key block"),
    ],
)  # fmt: skip
def test_secrets(text: str, expected: str) -> None:
    """The value goes, its name stays."""
    assert expected == redact(text)


WORDS = st.sampled_from(
    ["password=", "API_KEY: ", "Authorization: Bearer ", "https://u:", "@host/", KEY, MARK, "'",
     "[", "abcdefgh", " ", "\n", "sk-aaaaaaaaaaaaaaaaaaaa"],
)  # fmt: skip


@given(st.lists(WORDS, max_size=8).map("".join) | st.text(max_size=60))
def test_redacting_twice_changes_nothing(text: str) -> None:
    """An export of an export would be the same."""
    once = redact(text)
    assert redact(once) == once


STEPS = st.lists(
    st.tuples(st.sampled_from(["ls", "make", "git commit -m fix", "rm .git/index.lock"]),
              st.sampled_from(["", "ok\n", LOCKED, "\x00\ud800é"]),
              st.integers(0, 255)),
    max_size=5,
)  # fmt: skip


@given(STEPS, st.booleans())
@settings(max_examples=25)
def test_any_history_gives_valid_records(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], solved: bool
) -> None:
    """Whatever the steps were, every line is valid, or the trial is said to give none."""
    path = tmp_path_factory.mktemp("any")
    run = Run.create(path / "run", {})
    with run:
        record(run, "any", played(steps, solved=solved))
    names: list[Format] = ["sft", "kto", "stepwise"]
    for name in names:
        rows = exported(run, name, path / name)
        about = json.loads((path / name / "export.json").read_text(encoding="utf-8"))
        assert len(rows) + sum(map(len, about["without"].values())) == 1
