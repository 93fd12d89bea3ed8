"""The records that are exported, a JSON object a line: `python -m harness.datasets.records DIR`.

Column names are those of the programs that read them: TRL and other trainers for `sft`,
`preference`, `kto` and `stepwise`; LLaMA-Factory for `sharegpt`.  What those do not know
(`provenance`, `detection`) stands beside.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from harness.analysis.detection import Detection
from harness.models.values import Frozen
from harness.models.verdict import Outcome


class Provenance(Frozen):
    """Where a record comes from."""

    run: str
    trial: str
    task: str
    fault: str
    pair: str
    category: str
    error_type: str
    agent: str
    model: str | None
    attempt: int
    seed: int
    outcome: Outcome | None
    harness: str
    """The version that ran the trial."""
    judge: int | None
    """The version of the rules of its verdict."""
    digests: dict[str, str]
    """sha256 of task, fault, sandbox and agent."""
    history: str
    """sha256 of the trial's events.jsonl."""


class Function(Frozen):
    """A call's name and arguments, the latter as JSON text."""

    name: str
    arguments: str


class Call(Frozen):
    """A tool that the assistant calls."""

    id: str
    type: Literal["function"] = "function"
    function: Function


class Message(Frozen):
    """One message of a chat."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[Call, ...] | None = None
    tool_call_id: str | None = None


class Record(Frozen):
    """What every record has."""

    id: str
    provenance: Provenance
    detection: Detection | None
    """The signal that should have told of the fault, and what the agent made of it."""


class Sft(Record):
    """A chat to learn from, from a message on: what stands before it is context."""

    messages: tuple[Message, ...]
    train_from_message_index: int = Field(ge=1)
    """The first message whose tokens count (from 0): behind the last mistake."""
    tools: tuple[dict[str, Any], ...]


class Said(Frozen):
    """One turn of a ShareGPT conversation."""

    from_: Literal["human", "gpt", "function_call", "observation"] = Field(alias="from")
    value: str


class ShareGpt(Record):
    """A conversation: human and observation in odd places, function_call and gpt in even ones."""

    conversations: tuple[Said, ...]
    train_from_conversation_index: int = Field(ge=1)
    tools: str
    """JSON text"""


class Preference(Record):
    """Two ways on from one prefix: the blamed step, and the first of a way that passes."""

    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]
    method: str
    """How it is known that the chosen way passes."""
    fidelity: float


class Kto(Record):
    """A completion that is wanted, or not."""

    prompt: tuple[Message, ...]
    completion: tuple[Message, ...]
    label: bool
    level: Literal["trial", "step"]
    """A whole trial, or one step behind a prefix."""


class Stepwise(Record):
    """Steps and whether some way on still passes behind each."""

    prompt: str
    completions: tuple[str, ...]
    labels: tuple[bool, ...]


class Rated(Frozen):
    """One completion of a step: 1 good, -1 bad."""

    text: str
    rating: Literal[-1, 1]
    flagged: bool = False


class RatedStep(Frozen):
    """The completions of one step; the record goes on with the chosen one."""

    completions: tuple[Rated, ...]
    human_completion: None = None
    chosen_completion: int | None


class Question(Frozen):
    """What was asked."""

    problem: str
    ground_truth_answer: str


class Label(Frozen):
    """The steps up to the first wrong one, or to the end."""

    steps: tuple[RatedStep, ...]
    total_time: int
    """milliseconds"""
    finish_reason: Literal["solution", "found_error"]


class Prm800k(Record):
    """Step ratings in the form of PRM800K."""

    labeler: str
    timestamp: str
    generation: None = None
    is_quality_control_question: Literal[False] = False
    is_initial_screening_question: Literal[False] = False
    question: Question
    label: Label


class Turned(Frozen):
    """One entry of a history that a judge reads."""

    role: str
    name: str
    content: str


class WhoAndWhen(Record):
    """Which agent made which mistake when: the label that judges of failures are measured by."""

    question: str
    ground_truth: str
    """The task's own solution."""
    history: tuple[Turned, ...]
    is_correct: Literal[False] = False
    mistake_agent: str
    mistake_step: str
    """Place in `history`, from 0, as text."""
    mistake_reason: str
    question_ID: str  # noqa: N815 - their name
    level: Literal[1] = 1


class Action(Frozen):
    """What an agent does in one step."""

    message: str | None
    """Its words, if it had any."""
    command: str


class Why(Frozen):
    """The evidence that a step is wrong: replays, and no opinion."""

    reason: str
    passes_until: int
    """A way on passes after so many steps ..."""
    fails_from: int
    """... and none after so many."""
    causal: bool | None
    """Whether the trial passes without the step."""
    necessity: str | None
    replays: int


class Correction(Record):
    """A mistake, what should have told of it, and what would have passed."""

    task: str
    """The instruction."""
    trajectory: tuple[Action, ...]
    observations: tuple[str | None, ...]
    """What came back from each."""
    first_wrong_step: int
    """From 1, as everywhere."""
    error_types: tuple[str, ...]
    """What the wrong step, and the one before it, ran into."""
    why: Why
    wrong_action: Action
    corrected_action: Action
    corrected_reasoning: str | None
    """Only where an agent really wrote it."""
    continuation: tuple[Action, ...]
    """From the corrected action to the end; it passes."""
    continuation_from: str
    """The way on that was replayed, or the trial that took it."""
    label_method: str
    fidelity: float
    """Share of the prefix's steps that came out as recorded."""


KINDS: dict[str, type[Record]] = {
    "sft": Sft, "sharegpt": ShareGpt, "preference": Preference, "kto": Kto, "stepwise": Stepwise,
    "prm800k": Prm800k, "who-and-when": WhoAndWhen, "corrections": Correction,
}  # fmt: skip


def schema(name: str) -> str:
    """Return the text of docs/schema/export-<name>.schema.json."""
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of harness export --format {name}",
    }
    made = KINDS[name].model_json_schema(by_alias=True, mode="validation")
    return json.dumps(made | about, indent=2) + "\n"


def line(record: Record) -> str:
    """Return a record as its line."""
    plain = _whole(record.model_dump(mode="json", by_alias=True))
    return json.dumps(plain, ensure_ascii=False) + "\n"


def _whole(value: Any) -> Any:
    """Leave out what a message does not have: chat templates take a null for a call."""
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if not isinstance(value, dict):
        return value
    without = {"tool_calls", "tool_call_id"} if "role" in value else set()
    return {k: _whole(v) for k, v in value.items() if v is not None or k not in without}


if __name__ == "__main__":
    for kind in KINDS:
        path = Path(sys.argv[1]) / f"export-{kind}.schema.json"
        path.write_text(schema(kind), encoding="utf-8")
