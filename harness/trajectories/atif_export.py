"""A trial as an ATIF 1.8 document: the agent's steps, and the fault's life as system steps.

What ATIF has no place for (exit codes, seconds, faults, the verdict) stands in `extra`.  What is
not known is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from harness.analysis.assessment import Assessment
from harness.history.base import BaseEvent
from harness.history.events import (
    Action,
    Confirmed,
    Effect,
    Injected,
    Message,
    ModelCall,
    Probed,
    Reverted,
    ToolCall,
)
from harness.history.timeline import Timeline
from harness.models.verdict import Verdict

VERSION = "ATIF-v1.8"

OURS = "recovery_harness"
"""The key under which our own facts stand."""

_EXIT = {"exit_code", "seconds", "timed_out", "changed", "digest"}


def document(trial: Assessment, verdict: Verdict | None) -> dict[str, Any]:
    """Return one trial as an ATIF document."""
    spec, timeline, met = trial.spec, trial.timeline, trial.detection
    steps = [{"source": "user", "message": spec.task.instruction}, *_steps(timeline)]
    calls = timeline.of(ModelCall)
    facts = {
        "task": spec.task.id, "fault": spec.fault.id, "pair": spec.pair,
        "attempt": spec.attempt, "seed": spec.seed,
        "detection": met.model_dump(mode="json") if met else None,
    }  # fmt: skip
    judged = {"solved": verdict.solved, OURS: verdict.model_dump(mode="json")} if verdict else {}
    settings = spec.agent.settings
    agent = {
        "name": spec.agent.id,
        "version": str(settings.get("version") or "unknown"),
        "model_name": settings.get("model") or next((call.model for call in calls), None),
        "extra": {"adapter": spec.agent.adapter},
    }
    return {
        "schema_version": VERSION,
        "trajectory_id": spec.trial,
        "agent": _drop_unknown(agent),
        "steps": [{"step_id": i, **_drop_unknown(step)} for i, step in enumerate(steps, 1)],
        "final_metrics": _drop_unknown({**_total(calls), "total_steps": len(steps)}),
        "extra": {**_drop_unknown(facts), **judged},
    }


def _steps(timeline: Timeline) -> Iterator[dict[str, Any]]:
    """Yield the steps in the order in which they began; tokens stand with an answer's first."""
    metrics: dict[str, Any] = {}
    for event in timeline.events:
        match event:
            case ModelCall():
                metrics = {"metrics": _metrics(event), "llm_call_count": 1}
            case Action() | ToolCall() | Message():
                yield {**_agent_step(event, timeline), **metrics}
                metrics = {}
            case Injected() | Confirmed() | Probed() | Reverted() | Effect():
                yield _fault_step(event)


def _agent_step(event: Action | ToolCall | Message, timeline: Timeline) -> dict[str, Any]:
    match event:
        case Action():
            return _action(event, timeline)
        case ToolCall():
            return _tool_call(event)
        case Message():
            return {"source": "agent", "message": event.text}


def _action(action: Action, timeline: Timeline) -> dict[str, Any]:
    name, recorded = f"step-{action.step}", timeline.step(action.step)
    call = {
        "tool_call_id": name, "function_name": "bash", "arguments": {"command": action.command},
    }  # fmt: skip
    step = {"source": "agent", "message": action.message or "", "tool_calls": [call]}
    seen = recorded.observation if recorded else None
    if seen is None:
        return step
    output = "\n".join(s.rstrip("\n") for s in (seen.stdout, seen.stderr) if s)
    result = {
        "source_call_id": name, "content": output,
        "extra": _drop_unknown(seen.model_dump(mode="json", include=_EXIT)),
    }  # fmt: skip
    return {**step, "observation": {"results": [result]}}


def _tool_call(event: ToolCall) -> dict[str, Any]:
    call = _drop_unknown({
        "tool_call_id": f"event-{event.seq}",
        "function_name": event.tool,
        "arguments": event.arguments or {},
        "extra": {"raw": event.raw} if event.raw else None,
    })  # fmt: skip
    return {"source": "agent", "message": "", "tool_calls": [call]}


def _fault_step(event: BaseEvent) -> dict[str, Any]:
    facts = event.model_dump(mode="json", exclude={"seq", "who"})
    return {"source": "system", "message": f"fault: {facts['what']}", "extra": {OURS: facts}}


def _metrics(call: ModelCall) -> dict[str, Any]:
    return _drop_unknown({
        "prompt_tokens": call.prompt, "completion_tokens": call.completion,
        "cached_tokens": call.cached, "cost_usd": call.usd,
    })  # fmt: skip


def _total(calls: Sequence[ModelCall]) -> dict[str, Any]:
    """Return the totals of what is known of every exchange; a sum with a gap is not known."""
    return {
        "total_prompt_tokens": _sum(call.prompt for call in calls),
        "total_completion_tokens": _sum(call.completion for call in calls),
        "total_cached_tokens": _sum(call.cached for call in calls),
        "total_cost_usd": _sum(call.usd for call in calls),
    }


def _sum(values: Iterable[Any]) -> float | int | None:
    known = list(values)
    return None if not known or None in known else sum(known)


def _drop_unknown(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
