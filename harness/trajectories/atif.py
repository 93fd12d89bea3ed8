"""ATIF, the trajectory format of Harbor, versions 1.0 to 1.8: a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.trajectories.calls import command_of, exit_in, stated_exit
from harness.trajectories.documents import check, head, read_object, rows, section, text_of, without
from harness.trajectories.trajectory import Reading, Step, Trajectory, join

_STEP = ("message", "reasoning_content", "tool_calls", "observation")
_ROOT = ("steps", "agent", "trajectory_id", "session_id", "subagent_trajectories")


def claims(path: Path) -> bool:
    """Say whether a JSON file names the format as its schema."""
    return path.suffix == ".json" and path.is_file() and '"ATIF-v' in head(path)


def read(path: Path) -> Reading:
    """Return the document's trajectory, and those of the agents it called."""
    return read_object(path, lambda found: _reading(found, path.stem, path))


def _reading(found: dict[str, Any], name: str, path: Path) -> Reading:
    whole = _trajectory(found, name)
    called = rows(found.get("subagent_trajectories") or [], "subagent_trajectories")
    inner = (_read_named(one, f"{whole.id}.{number}", path) for number, one in enumerate(called, 1))
    return Reading.of([Reading((whole,)), *inner])


def _read_named(found: dict[str, Any], name: str, path: Path) -> Reading:
    return check(found, f"{path}: {name}", lambda one: _reading(one, name, path))


def _trajectory(found: dict[str, Any], name: str) -> Trajectory:
    agent = section(found.get("agent"))
    own = [row for row in rows(found.get("steps"), "steps") if not row.get("is_copied_context")]
    said: list[str | None] = []
    steps: list[Step] = []
    for row in own:
        if row.get("source") not in (None, "agent"):
            continue
        words = join([*said, text_of(row.get("message"))])
        new = list(_steps(row, words))
        said = [] if new else [words]
        steps += new
    final = {"final_message": join(said)} if join(said) else {}
    return Trajectory(
        id=str(found.get("trajectory_id") or found.get("session_id") or name),
        steps=tuple(steps),
        task=_task(found),
        agent=agent.get("name") if isinstance(agent.get("name"), str) else None,
        model=agent.get("model_name") if isinstance(agent.get("model_name"), str) else None,
        solved=_solved(section(found.get("extra"))),
        extra={**without(found, *_ROOT), "agent": without(agent, "name", "model_name"), **final},
    )


def _steps(row: dict[str, Any], words: str | None) -> Iterator[Step]:
    """Yield a step a call; calls that share one answer without an address are one step."""
    calls = rows(row.get("tool_calls") or [], "tool_calls")
    results = rows(section(row.get("observation")).get("results") or [], "results")
    addressed = {result.get("source_call_id"): result for result in results}
    loose = [result for result in results if result.get("source_call_id") is None]
    groups = [calls] if loose and len(calls) > 1 else [[call] for call in calls]
    for place, group in enumerate(groups):
        answers = [addressed.get(call.get("tool_call_id")) for call in group]
        known = [answer for answer in answers if answer is not None and answer not in loose]
        yield _step(row, group, known + (loose if place == len(groups) - 1 else []), words)
        words = None


def _step(
    row: dict[str, Any], calls: list[dict[str, Any]], results: list[dict[str, Any]],
    words: str | None,
) -> Step:  # fmt: skip
    output = join(text_of(result.get("content")) for result in results)
    extras = [section(part.get("extra")) for part in (*results, *calls, row)]
    code = exit_in(*extras)
    return Step(
        command="\n".join(_command(call) for call in calls),
        exit_code=stated_exit(output) if code is None else code,
        output=output if results else None,
        seconds=_seconds(extras),
        message=join([text_of(row.get("reasoning_content")), words]),
        extra={**without(row, *_STEP), "calls": calls, "results": _unread(results)},
    )


def _command(call: dict[str, Any]) -> str:
    tool = call.get("function_name")
    return command_of(tool if isinstance(tool, str) else "", call.get("arguments")).rstrip("\n")


def _unread(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [without(result, "content") for result in results]


def _seconds(extras: list[dict[str, Any]]) -> float | None:
    for extra in extras:
        for key in ("seconds", "duration_s", "duration_sec"):
            value = extra.get(key)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return float(value)
    return None


def _task(found: dict[str, Any]) -> str | None:
    extra = section(found.get("extra"))
    task = extra.get("task") or extra.get("task_id") or extra.get("task_name")
    return task if isinstance(task, str) else None


def _solved(extra: dict[str, Any]) -> bool | None:
    for key in ("solved", "resolved", "is_resolved"):
        if isinstance(extra.get(key), bool):
            return bool(extra[key])
    reward = extra.get("reward")
    return reward > 0 if isinstance(reward, (int, float)) else None
