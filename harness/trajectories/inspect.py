"""Inspect's logs, `.eval` (a zip of JSON) or `.json`: every sample is a trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.trajectories import documents
from harness.trajectories.calls import command_of, stated_exit
from harness.trajectories.documents import rows, section, text_of, without
from harness.trajectories.trajectory import Problem, Reading, Step, Trajectory, join

_SAMPLE = ("messages", "events", "id", "attachments", "store")
_RIGHT, _WRONG = ("C", True, 1), ("I", False, 0)


def claims(path: Path) -> bool:
    """Say whether it is an `.eval` archive, or a JSON log with samples."""
    if path.suffix == ".eval":
        return True
    found = documents.document(path) if path.suffix == ".json" and path.is_file() else None
    return isinstance(found, dict) and "eval" in found and "samples" in found


def read(path: Path) -> Reading:
    """Return the samples' trajectories."""
    if path.suffix == ".eval":
        return _archive(path)
    return documents.read_object(path, lambda found: _log(found, path))


def _log(found: dict[str, Any], path: Path) -> Reading:
    samples = found.get("samples") or []
    if not isinstance(samples, list):
        raise documents.FormatError("`samples` must be a list")
    spec = section(found.get("eval"))
    return Reading.of(
        _sample(sample, spec, f"{path}: sample {number}")
        for number, sample in enumerate(samples, start=1)
    )


def _archive(path: Path) -> Reading:
    found = list(documents.members(path))
    problems = tuple(one for _, one in found if isinstance(one, Problem))
    whole = {name: one for name, one in found if not isinstance(one, Problem)}
    spec: dict[str, Any] = {}
    for name in ("_journal/start.json", "header.json"):
        spec = section(section(whole.get(name)).get("eval")) or spec
    samples = [name for name in whole if name.startswith("samples/")]
    read = (_sample(whole[name], spec, f"{path}: {name}") for name in samples)
    return Reading.of([*read, Reading(problems=problems)])


def _sample(sample: Any, spec: dict[str, Any], where: str) -> Reading:
    return documents.check(sample, where, lambda one: Reading((_trajectory(one, spec),)))


def _trajectory(sample: dict[str, Any], spec: dict[str, Any]) -> Trajectory:
    name = str(sample.get("id"))
    model = spec.get("model")
    events = [event for event in sample.get("events") or [] if isinstance(event, dict)]
    messages = rows(sample.get("messages") or [], "messages")
    return Trajectory(
        id=f"{name}+{sample.get('epoch', 1)}",
        steps=tuple(_steps(messages, _exits(events), section(sample.get("attachments")))),
        task=name,
        agent=_agent(spec),
        model=model if isinstance(model, str) else None,
        solved=_solved(section(sample.get("scores"))),
        extra={**without(sample, *_SAMPLE), "eval": without(spec, "model")},
    )


def _agent(spec: dict[str, Any]) -> str | None:
    solver = spec.get("solver")
    return solver if isinstance(solver, str) else None


def _steps(
    messages: list[dict[str, Any]], exits: dict[str, int], attachments: dict[str, Any]
) -> Iterator[Step]:
    answers = {m.get("tool_call_id"): m for m in messages if m.get("role") == "tool"}
    for message in messages:
        words = text_of(message.get("content"))
        for call in message.get("tool_calls") or []:
            answer = answers.get(section(call).get("id"), {})
            yield _step(section(call), answer, exits, attachments, words)
            words = None


def _step(
    call: dict[str, Any], answer: dict[str, Any], exits: dict[str, int],
    attachments: dict[str, Any], words: str | None,
) -> Step:  # fmt: skip
    shown = _attachment(text_of(answer.get("content")), attachments)
    failed = section(answer.get("error"))
    code = exits.get(str(call.get("id")))
    return Step(
        command=command_of(str(call.get("function") or ""), call.get("arguments")),
        exit_code=stated_exit(shown) if code is None else code,
        output=join([shown, text_of(failed.get("message"))]) or "" if answer else None,
        message=words,
        extra={
            **without(call, "arguments"),
            "error": failed or None,
            "timed_out": True if failed.get("type") == "timeout" else None,
        },
    )


def _attachment(text: str | None, attachments: dict[str, Any]) -> str | None:
    """Return a text that the log keeps elsewhere because it is long."""
    if text and text.startswith("attachment://"):
        return text_of(attachments.get(text.removeprefix("attachment://"))) or text
    return text


def _exits(events: list[dict[str, Any]]) -> dict[str, int]:
    """Return the exit codes of the calls that ran exactly one command in the sandbox."""
    ran: dict[str, list[int]] = {}
    call: str | None = None
    for event in events:
        if event.get("event") == "tool":
            call = str(event.get("id"))
            ran[call] = _results(section(inner) for inner in event.get("events") or [])
        elif event.get("event") == "model":
            call = None
        elif call is not None:
            ran[call] += _results([event])
    return {call: results[0] for call, results in ran.items() if len(results) == 1}


def _results(events: Any) -> list[int]:
    ran = [e.get("result") for e in events if e.get("event") == "sandbox" and e.get("cmd")]
    return [code for code in ran if type(code) is int]


def _solved(scores: dict[str, Any]) -> bool | None:
    """Return what the first score says; partial and other credit is unknown."""
    value = next((section(score).get("value") for score in scores.values()), None)
    if isinstance(value, (list, dict)):
        return None
    return True if value in _RIGHT else False if value in _WRONG else None
