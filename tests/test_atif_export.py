"""Trials as ATIF 1.8 documents: valid by its schema, and readable by our own importer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.analysis.verdict import judge
from harness.models.nouns import AgentSpec, Evidence, Fault, Pair, Sandbox, Task, TrialSpec, Verdict
from harness.trajectories import atif, atif_export

HERE = Path(__file__).parent
SCHEMA = Draft202012Validator(
    json.loads((HERE / "data" / "atif-v1.8.schema.json").read_text(encoding="utf-8"))
)
TASK = Task(id="t", title="t", instruction="Do it.", sandbox="s", solution=("true",), damage="rm x")
SPEC = TrialSpec(
    trial="t+f+codex+1", task=TASK, sandbox=Sandbox(id="s", title="s"), attempt=1, seed=0,
    fault=Fault(id="f", title="f", category="network", error_type="x"), pair=Pair(fault="f").name,
    agent=AgentSpec(id="codex", adapter="codex", settings={"version": "1.2.3"}),
)  # fmt: skip

EVENTS: list[dict[str, Any]] = [
    {"who": "harness", "what": "begun"},
    {"who": "agent", "what": "asked", "model": "m", "prompt": 100, "completion": 20, "cached": 0,
     "usd": 0.002},
    {"who": "agent", "what": "acts", "step": 1, "command": "ls", "message": "Look."},
    {"who": "nemesis", "what": "struck", "strike": 1, "facts": {}},
    {"who": "agent", "what": "sees", "step": 1, "stdout": "a\n", "stderr": "", "exit_code": 2,
     "seconds": 0.1, "timed_out": False},
    {"who": "agent", "what": "asked", "model": "m", "prompt": 200, "completion": 30, "cached": None,
     "usd": 0.003},
    {"who": "agent", "what": "uses", "tool": "plan", "arguments": None, "raw": "{x"},
    {"who": "agent", "what": "says", "text": "STATUS: done", "final": True},
]  # fmt: skip


def numbered(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"seq": i, "t": float(i), **event} for i, event in enumerate(events)]


def exported(events: list[dict[str, Any]], verdict: Verdict | None = None) -> dict[str, Any]:
    document = atif_export.document(SPEC, numbered(events), verdict)
    assert [] == [error.message for error in SCHEMA.iter_errors(document)]
    return document


def test_what_a_trial_becomes() -> None:
    """The instruction, each act with its answer and tokens, the fault as a system step, the end."""
    document = exported(EVENTS)
    steps = document["steps"]
    assert ["user", "agent", "system", "agent", "agent"] == [step["source"] for step in steps]
    assert [1, 2, 3, 4, 5] == [step["step_id"] for step in steps]
    result = steps[1]["observation"]["results"][0]
    assert ("a", 2) == (result["content"], result["extra"]["exit_code"])
    tokens = {"prompt_tokens": 100, "completion_tokens": 20, "cached_tokens": 0}
    assert {**tokens, "cost_usd": 0.002} == steps[1]["metrics"]
    assert {"raw": "{x"} == steps[3]["tool_calls"][0]["extra"]
    assert ("1.2.3", "m") == (document["agent"]["version"], document["agent"]["model_name"])


def test_totals_are_known_or_left_out() -> None:
    """A sum with a gap is not known."""
    total = exported(EVENTS)["final_metrics"]
    assert (300, 50, 0.005) == (
        total["total_prompt_tokens"], total["total_completion_tokens"], total["total_cost_usd"],
    )  # fmt: skip
    assert "total_cached_tokens" not in total


def test_our_own_importer_reads_it(tmp_path: Path) -> None:
    """Commands, exit codes and outputs come back."""
    path = tmp_path / "trial.json"
    path.write_text(json.dumps(exported(EVENTS, judge(SPEC, numbered(EVENTS)))), encoding="utf-8")
    assert atif.claims(path)
    (read,) = atif.read(path).trajectories
    first = read.steps[0]
    assert ("t+f+codex+1", "t", "codex", "m") == (read.id, read.task, read.agent, read.model)
    assert ("ls", 2, "a", 0.1) == (first.command, first.exit_code, first.output, first.seconds)


words = st.text(st.characters(codec="utf-8"), max_size=20)
events = st.lists(
    st.sampled_from(EVENTS)
    | st.builds(lambda step, text: {"who": "agent", "what": "acts", "step": step, "command": text,
                                    "message": None}, st.integers(1, 9), words),
    max_size=12,
)  # fmt: skip


@settings(max_examples=60)
@given(events=events)
def test_any_history_is_a_valid_document(events: list[dict[str, Any]]) -> None:
    """Torn, repeated or without answers: the document is valid all the same."""
    exported(events)


def test_a_trial_without_events_is_one_step() -> None:
    """Nothing happened: there is the instruction."""
    assert len(exported([])["steps"]) == 1


def test_the_signal_stands_beside() -> None:
    """What should have told the agent, and what it did then, is in the document."""
    fault = SPEC.fault.model_copy(update={"evidence": Evidence(seen=("broken",))})
    events = numbered([
        {"who": "nemesis", "what": "took", "strike": 1, "took": True},
        {"who": "agent", "what": "acts", "step": 1, "command": "ls", "message": None},
        {"who": "agent", "what": "sees", "step": 1, "stdout": "it is broken", "stderr": "",
         "exit_code": 1},
    ])  # fmt: skip
    spec = SPEC.model_copy(update={"fault": fault})
    document = atif_export.document(spec, events, None)
    assert [] == [error.message for error in SCHEMA.iter_errors(document)]
    assert document["extra"]["detection"]["signal"]["line"] == "it is broken"
