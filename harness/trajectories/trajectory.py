"""A trajectory in one small neutral form, wherever it comes from.

What a format does not carry is None, never a guess; what it carries and we do not know stays in
`extra`.  The plain form is JSON lines, a step a line, see `record`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

NAMES = ("command", "exit_code", "output", "stdout", "stderr", "pipestatus", "seconds", "message")
"""The keys of a plain step that have a meaning; all others are extra."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One action of an agent and what came back."""

    command: str
    """Shell text, or a tool's name and arguments where the tool is no shell."""
    exit_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None
    output: str | None = None
    """Both streams as they came, where they were not kept apart."""
    pipestatus: tuple[int, ...] = ()
    """The exit codes of the last pipeline's stages, where they are known."""
    seconds: float | None = None
    message: str | None = None
    """The agent's words that came with the command."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All that was printed; the error stream first where the two were kept apart."""
        if self.output is not None:
            return self.output
        return "\n".join(stream for stream in (self.stderr, self.stdout) if stream)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """An agent's way through one attempt at a task."""

    id: str
    steps: tuple[Step, ...]
    task: str | None = None
    agent: str | None = None
    model: str | None = None
    solved: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def called(self, name: str) -> Trajectory:
        """Return the same trajectory under another id."""
        return replace(self, id=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A part of a file that could not be read: where, and why."""

    where: str
    """`file`, `file:line` or `file: place in it`."""
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a file or a folder: all that could be read, and what could not."""

    trajectories: tuple[Trajectory, ...] = ()
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> Reading:
        """Return several readings as one, in their order."""
        parts = list(readings)
        return cls(
            tuple(one for part in parts for one in part.trajectories),
            tuple(one for part in parts for one in part.problems),
        )

    @classmethod
    def failed(cls, where: object, why: str) -> Reading:
        """Return a reading that holds nothing but one problem."""
        return cls(problems=(Problem(where=str(where), why=why),))


def step(record: Mapping[str, Any]) -> Step:
    """Return the step of a plain record; ValueError says which value is of the wrong kind."""
    return Step(
        command=_required_text(record, "command"),
        exit_code=_whole(record, "exit_code"),
        stdout=_text(record, "stdout"),
        stderr=_text(record, "stderr"),
        output=_text(record, "output"),
        pipestatus=_codes(record.get("pipestatus")),
        seconds=_seconds(record),
        message=_text(record, "message"),
        extra={key: value for key, value in record.items() if key not in NAMES},
    )


def record(step: Step) -> dict[str, Any]:
    """Return a step's plain form: only what is known, extra keys beside the others."""
    known = {name: getattr(step, name) for name in NAMES if name != "pipestatus"}
    plain = {name: value for name, value in known.items() if value is not None}
    stages = {"pipestatus": list(step.pipestatus)} if step.pipestatus else {}
    return {**plain, **stages, **{k: v for k, v in step.extra.items() if k not in NAMES}}


def join(parts: Iterable[str | None]) -> str | None:
    """Return the texts that there are, a line between them; None if there are none."""
    found = [part for part in parts if part]
    return "\n".join(found) if found else None


def _required_text(record: Mapping[str, Any], key: str) -> str:
    value = _text(record, key)
    if value is None:
        raise ValueError(f"a step needs `{key}`, the text that the agent ran")
    return value


def _text(record: Mapping[str, Any], key: str) -> str | None:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"`{key}` must be a text, not {value!r:.60}")
    return value


def _whole(record: Mapping[str, Any], key: str) -> int | None:
    value = record.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f"`{key}` must be a whole number or null, not {value!r:.60}")
    return value


def _seconds(record: Mapping[str, Any]) -> float | None:
    value = record.get("seconds")
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ValueError(f"`seconds` must be a number or null, not {value!r:.60}")
    return value


def _codes(value: Any) -> tuple[int, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(type(code) is int for code in value):
        raise ValueError(f"`pipestatus` must be a list of whole numbers, not {value!r:.60}")
    return tuple(value)
