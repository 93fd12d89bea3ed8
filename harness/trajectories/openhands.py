"""OpenHands' events, version 0 (`action`, `observation`) and 1 (`kind`): a list, rows, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.trajectories import documents
from harness.trajectories.calls import command_of, exit_in, stated_exit
from harness.trajectories.documents import section, text_of, without
from harness.trajectories.trajectory import Problem, Reading, Step, Trajectory, join

_SILENT = (
    "message", "system", "finish", "think", "recall", "change_agent_state", "null", "condensation",
)  # fmt: skip
_STATED = re.compile(
    r"\n?\[(?:The command completed|Command finished) with exit code -?\d+\.?\]\s*\Z"
)


def claims(path: Path) -> bool:
    """Say whether it is a list of events, rows with a `history`, or a folder of event files."""
    if path.is_dir():
        return any(_event_files(path))
    if path.suffix == ".jsonl":
        first = next((row for _, row in documents.lines(path)), None)
        return isinstance(first, dict) and isinstance(first.get("history"), list)
    found = documents.document(path) if path.suffix == ".json" and path.is_file() else None
    return isinstance(found, list) and any(_is_event(event) for event in found[:5])


def read(path: Path) -> Reading:
    """Return a trajectory a list, a row or a folder."""
    if path.is_dir():
        return _folder(path)
    if path.suffix == ".jsonl":
        return _rows(path)
    found = documents.document(path)
    if isinstance(found, Problem):
        return Reading(problems=(found,))
    return _reading(found, path.stem, str(path), {})


def _is_event(event: Any) -> bool:
    return isinstance(event, dict) and bool({"action", "observation", "kind"} & event.keys())


def _event_files(path: Path) -> Iterator[Path]:
    folder = path / "events" if (path / "events").is_dir() else path
    numbered = [f for f in folder.glob("*.json") if re.fullmatch(r"(?:event-)?\d+.*", f.stem)]
    return iter(sorted(numbered, key=lambda f: int(re.findall(r"\d+", f.stem)[0])))


def _folder(path: Path) -> Reading:
    found = [documents.document(file) for file in _event_files(path)]
    problems = tuple(event for event in found if isinstance(event, Problem))
    events = [event for event in found if not isinstance(event, Problem)]
    return Reading.of([_reading(events, path.name, str(path), {}), Reading(problems=problems)])


def _rows(path: Path) -> Reading:
    return Reading.of(_row(row, f"{path}:{n}", path) for n, row in documents.lines(path))


def _row(row: Any, where: str, path: Path) -> Reading:
    if isinstance(row, Problem):
        return Reading(problems=(row,))
    name = str(section(row).get("instance_id") or f"{path.stem}-{where.rsplit(':', 1)[1]}")
    return documents.check(row, where, lambda one: _reading(one.get("history"), name, where, one))


def _reading(events: Any, name: str, where: str, row: dict[str, Any]) -> Reading:
    if not isinstance(events, list):
        return Reading.failed(where, "the events must be a list")
    flat = [part for event in events for part in (event if isinstance(event, list) else [event])]
    known = [event for event in flat if isinstance(event, dict)]
    odd = len(flat) - len(known)
    whole = Trajectory(
        id=name,
        steps=tuple(_steps(known)),
        task=name if row else None,
        agent="openhands",
        model=_model(row),
        solved=_solved(row),
        extra=without(row, "history", "instance_id"),
    )
    why = f"{odd} of {len(flat)} events are no objects"
    return Reading((whole,), (Problem(where=where, why=why),) if odd else ())


def _steps(events: list[dict[str, Any]]) -> Iterator[Step]:
    answers: dict[Any, dict[str, Any]] = {}
    for event in events:
        for cause in (event.get("cause"), event.get("action_id")):
            if cause is not None and _answers(event):
                answers.setdefault(cause, event)
    for place, event in enumerate(events):
        if _acts(event):
            after = events[place + 1] if place + 1 < len(events) else {}
            loose = after if _answers(after) and after.get("cause") is None else {}
            yield _step(event, answers.get(event.get("id"), loose))


def _acts(event: dict[str, Any]) -> bool:
    if event.get("kind") == "ActionEvent":
        return event.get("tool_name") not in ("finish", "think")
    action = event.get("action")
    return isinstance(action, str) and event.get("source") != "user" and action not in _SILENT


def _answers(event: dict[str, Any]) -> bool:
    kind = event.get("kind")
    return isinstance(event.get("observation"), str) or (
        kind in ("ObservationEvent", "AgentErrorEvent", "UserRejectObservation")
    )


def _step(event: dict[str, Any], answer: dict[str, Any]) -> Step:
    inner = section(answer.get("observation"))
    extras = section(answer.get("extras"))
    shown = join(
        text_of(part)
        for part in (answer.get("content"), inner.get("output"), inner.get("content"),
                     answer.get("error"))
    )  # fmt: skip
    code = exit_in(extras, section(extras.get("metadata")), inner, section(inner.get("metadata")))
    code = stated_exit(shown) if code is None else code
    return Step(
        command=_command(event),
        exit_code=None if code == -1 else code,
        output=_STATED.sub("", shown) if shown is not None else None,
        message=_words(event),
        extra={
            **without(event, "action", "args", "thought", "tool_call", "tool_name"),
            "answer": without(answer, "content", "observation", "extras"),
        },
    )


def _command(event: dict[str, Any]) -> str:
    if event.get("kind") == "ActionEvent":
        arguments = without(section(event.get("action")), "kind")
        return command_of(str(event.get("tool_name") or ""), arguments)
    arguments = section(event.get("args"))
    if event["action"] == "run_ipython":
        return f"ipython {arguments.get('code')}"
    return command_of(event["action"], without(arguments, "thought"))


def _words(event: dict[str, Any]) -> str | None:
    thought = text_of(event.get("thought")) or text_of(section(event.get("args")).get("thought"))
    return join([text_of(event.get("reasoning_content")), thought])


def _model(row: dict[str, Any]) -> str | None:
    config = section(section(row.get("metadata")).get("llm_config"))
    model = config.get("model") or section(row.get("llm")).get("model")
    return model if isinstance(model, str) else None


def _solved(row: dict[str, Any]) -> bool | None:
    result = section(row.get("test_result"))
    for place in (row, result, section(result.get("report")), section(row.get("report"))):
        if isinstance(place.get("resolved"), bool):
            return bool(place["resolved"])
    return None
