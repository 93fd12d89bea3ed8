"""Terminal-Bench's run folders: results.json, and the episodes that an agent logged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.trajectories.documents import document, section, without
from harness.trajectories.trajectory import Problem, Reading, Step, Trajectory, join

_WORDS = ("state_analysis", "analysis", "plan", "explanation")
_KEYS = re.compile(r"<keystrokes[^>]*>(.*?)</keystrokes>", re.DOTALL)
_SCREEN = re.compile(r"\A.*?New Terminal (?:Output|Screen):\s*\n", re.DOTALL)


def claims(path: Path) -> bool:
    """Say whether a folder has a results.json of a run, or of one of its trials."""
    results = path / "results.json"
    found = document(results) if results.is_file() else None
    return isinstance(found, dict) and ("is_resolved" in found or "results" in found)


def read(path: Path) -> Reading:
    """Return the trials' trajectories."""
    found = document(path / "results.json")
    if isinstance(found, Problem):
        return Reading(problems=(found,))
    run = document(path / "run_metadata.json") if (path / "run_metadata.json").is_file() else {}
    facts = section(run)
    trials = section(found).get("results", [found])
    if not isinstance(trials, list):
        return Reading.failed(path / "results.json", "`results` must be a list")
    return Reading.of(_trial(path, trial, facts) for trial in trials)


def _trial(path: Path, trial: Any, facts: dict[str, Any]) -> Reading:
    if not isinstance(trial, dict):
        return Reading.failed(path / "results.json", "a result must be an object")
    name, task = str(trial.get("trial_name")), str(trial.get("task_id"))
    folder = path / task / name
    folder = folder if folder.is_dir() else path
    found = list(_episodes(folder))
    problems = tuple(one for one in found if isinstance(one, Problem))
    solved = trial.get("is_resolved")
    whole = Trajectory(
        id=name,
        steps=tuple(one for one in found if isinstance(one, Step)),
        task=task,
        agent=facts.get("agent_name"),
        model=facts.get("model_name"),
        solved=solved if isinstance(solved, bool) else None,
        extra=without(trial, "trial_name", "task_id", "is_resolved"),
    )
    return Reading((whole,), problems)


def _episodes(folder: Path) -> Iterator[Step | Problem]:
    """Yield a step an episode; an episode's screen is what the next one was asked with."""
    logs = sorted(folder.glob("agent-logs/episode-*"), key=lambda f: int(f.name.split("-")[1]))
    for place, log in enumerate(logs):
        answer = next(iter(sorted(log.glob("response.*"))), None)
        asked = logs[place + 1] / "prompt.txt" if place + 1 < len(logs) else None
        if answer is not None:
            yield _step(answer, _text(asked or folder / "panes" / "post-agent.txt"))


def _text(path: Path) -> str | None:
    try:
        return _SCREEN.sub("", path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def _step(answer: Path, screen: str | None) -> Step | Problem:
    text = answer.read_text(encoding="utf-8", errors="replace")
    found = _object(text)
    if found is None and not _KEYS.search(text):
        return Problem(where=str(answer), why="neither a JSON object nor keystrokes")
    commands = list(_commands(found, text))
    words = [section(found).get(key) for key in _WORDS]
    return Step(
        command="\n".join(commands),
        output=screen,
        message=join(word for word in words if isinstance(word, str)),
        extra=without(section(found), "commands", *_WORDS),
    )


def _object(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in a model's answer."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _commands(found: dict[str, Any] | None, text: str) -> Iterator[str]:
    batch = section(found).get("commands")
    keys = [section(one).get("keystrokes") for one in batch] if isinstance(batch, list) else []
    for key in keys or _KEYS.findall(text):
        if isinstance(key, str):
            yield key.removesuffix("\n")
