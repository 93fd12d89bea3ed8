"""Trials as ATIF 1.8 documents: valid by its schema, and readable by our own importer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.analysis.assessment import Assessment
from harness.analysis.verdict import judge
from harness.history.events import (
    Begun,
    Event,
    Injected,
    Message,
    ModelCall,
    ToolCall,
)  # fmt: skip
from harness.models.fault import Evidence, Fault
from harness.models.task import Pair, Sandbox, Task
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.verdict import Verdict
from harness.trajectories import atif, atif_export
from histories import action, history, injected, observation

if TYPE_CHECKING:
    from collections.abc import Sequence

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

EVENTS: list[Event] = [
    Begun(),
    ModelCall(turn=1, model="m", prompt=100, completion=20, cached=0, usd=0.002),
    action(1, "ls", "Look."),
    Injected(injection=1),
    observation(1, "a\n", exit_code=2, seconds=0.1),
    ModelCall(turn=2, model="m", prompt=200, completion=30, usd=0.003),
    ToolCall(tool="plan", raw="{x"),
    Message(text="STATUS: done", final=True),
]


def exported(
    events: Sequence[Event], verdict: Verdict | None = None, spec: TrialSpec = SPEC
) -> dict[str, Any]:
    """Return the document, which fits the schema."""
    document = atif_export.document(Assessment(spec, history(events)), verdict)
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
    path.write_text(json.dumps(exported(EVENTS, judge(SPEC, history(EVENTS)))), encoding="utf-8")
    assert atif.claims(path)
    (read,) = atif.read(path).trajectories
    first = read.steps[0]
    assert ("t+f+codex+1", "t", "codex", "m") == (read.id, read.task, read.agent, read.model)
    assert ("ls", 2, "a", 0.1) == (first.command, first.exit_code, first.output, first.seconds)


words = st.text(st.characters(codec="utf-8"), max_size=20)
events = st.lists(
    st.sampled_from(EVENTS) | st.builds(action, st.integers(1, 9), words),
    max_size=12,
)


@settings(max_examples=60)
@given(events=events)
def test_any_history_is_a_valid_document(events: list[Event]) -> None:
    """Torn, repeated or without answers: the document is valid all the same."""
    exported(events)


def test_a_trial_without_events_is_one_step() -> None:
    """Nothing happened: there is the instruction."""
    assert len(exported([])["steps"]) == 1


def test_the_signal_stands_beside() -> None:
    """What should have told the agent, and what it did then, is in the document."""
    fault = SPEC.fault.model_copy(update={"evidence": Evidence(seen=("broken",))})
    events = [*injected(), action(1, "ls"), observation(1, "it is broken", exit_code=1)]
    document = exported(events, spec=SPEC.model_copy(update={"fault": fault}))
    assert document["extra"]["detection"]["signal"]["line"] == "it is broken"
