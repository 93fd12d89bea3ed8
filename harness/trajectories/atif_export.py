"""A trial as an ATIF 1.8 document: the agent's steps, and the fault's life as system steps.

What ATIF has no place for (exit codes, seconds, faults, the verdict) stands in `extra`.  What is
not known is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.analysis.detection import detection
from harness.history.reading import Log, number, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.history.history import Event
    from harness.models.nouns import TrialSpec, Verdict

VERSION = "ATIF-v1.8"

OURS = "recovery_harness"
"""The key under which our own facts stand."""

FAULT = ("struck", "took", "probed", "healed", "effect")
"""What of the fault's life is told."""

_EXIT = ("exit_code", "seconds", "timed_out", "changed", "digest")


def document(spec: TrialSpec, events: Sequence[Event], verdict: Verdict | None) -> dict[str, Any]:
    """Return one trial as an ATIF document."""
    steps = [{"source": "user", "message": spec.task.instruction}, *_steps(events)]
    asked = [event for event in events if _kind(event) == "agent asked"]
    met = detection(spec, Log(events))
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
        "model_name": settings.get("model") or next((text(e, "model") for e in asked), None),
        "extra": {"adapter": spec.agent.adapter},
    }
    return {
        "schema_version": VERSION,
        "trajectory_id": spec.trial,
        "agent": _known(agent),
        "steps": [{"step_id": i, **_known(step)} for i, step in enumerate(steps, 1)],
        "final_metrics": _known({**_total(asked), "total_steps": len(steps)}),
        "extra": {**_known(facts), **judged},
    }


def _steps(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Yield the steps in the order in which they began; tokens stand with an answer's first."""
    seen = {number(e, "step"): e for e in events if _kind(e) == "agent sees"}
    metrics: dict[str, Any] = {}
    for event in events:
        match _kind(event).split(" "):
            case ["agent", "asked"]:
                metrics = {"metrics": _metrics(event), "llm_call_count": 1}
            case ["agent", "acts"]:
                yield {**_act(event, seen.get(number(event, "step"))), **metrics}
                metrics = {}
            case ["agent", "uses"]:
                yield {**_use(event), **metrics}
                metrics = {}
            case ["agent", "says"]:
                yield {"source": "agent", "message": text(event, "text"), **metrics}
                metrics = {}
            case ["nemesis", what] if what in FAULT:
                yield _told(event)


def _act(act: Event, sees: Event | None) -> dict[str, Any]:
    name = f"step-{number(act, 'step'):g}"
    call = {
        "tool_call_id": name, "function_name": "bash",
        "arguments": {"command": text(act, "command")},
    }  # fmt: skip
    step = {"source": "agent", "message": text(act, "message"), "tool_calls": [call]}
    if sees is None:
        return step
    output = "\n".join(s.rstrip("\n") for s in (text(sees, "stdout"), text(sees, "stderr")) if s)
    result = {
        "source_call_id": name, "content": output,
        "extra": _known({key: sees.get(key) for key in _EXIT}),
    }  # fmt: skip
    return {**step, "observation": {"results": [result]}}


def _use(event: Event) -> dict[str, Any]:
    call = _known({
        "tool_call_id": f"event-{event['seq']}",
        "function_name": text(event, "tool"),
        "arguments": event.get("arguments") or {},
        "extra": {"raw": event["raw"]} if event.get("raw") else None,
    })  # fmt: skip
    return {"source": "agent", "message": "", "tool_calls": [call]}


def _told(event: Event) -> dict[str, Any]:
    facts = {key: value for key, value in event.items() if key not in {"seq", "who"}}
    return {
        "source": "system", "message": f"fault: {event['what']}", "extra": {OURS: facts},
    }  # fmt: skip


def _metrics(asked: Event) -> dict[str, Any]:
    return _known({
        "prompt_tokens": asked.get("prompt"), "completion_tokens": asked.get("completion"),
        "cached_tokens": asked.get("cached"), "cost_usd": asked.get("usd"),
    })  # fmt: skip


def _total(asked: Sequence[Event]) -> dict[str, Any]:
    """Return the totals of what is known of every exchange; a sum with a gap is not known."""
    names = {
        "prompt": "prompt_tokens", "completion": "completion_tokens",
        "cached": "cached_tokens", "usd": "cost_usd",
    }  # fmt: skip
    return {f"total_{name}": _sum(e.get(key) for e in asked) for key, name in names.items()}


def _sum(values: Iterable[Any]) -> float | int | None:
    known = list(values)
    return None if not known or None in known else sum(known)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _kind(event: Event) -> str:
    return f"{event.get('who')} {event.get('what')}"
