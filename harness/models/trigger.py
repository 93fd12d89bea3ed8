"""When a fault is injected, and for how long it stays: Trigger, Schedule."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, Self

from pydantic import model_validator

from harness.models.values import Frozen

PROGRAMS = frozenset(("exec", "after", "during"))
"""Triggers that wait for a program."""
FILES = frozenset(("created", "written", "opened"))
"""Triggers that wait for a file."""
_LASTING = frozenset(("during", "step"))
_MODIFIERS = frozenset(("args", "for", "latest"))


class Trigger(Frozen):
    """What happens right before a fault is injected: a fact, not the words of a command.

    In YAML one of

    - `start`: before the agent begins; `{step: 3}`: before its third command, with `for: 0.5` so
      many seconds into it; `{seconds: 1.5}`;
    - `{exec: git, args: [commit]}`: right before the program begins, `{after: git, args: [fetch]}`:
      when it has ended, `{during: pip, args: [install], for: 0.5}`: so many seconds into its run;
    - `{created: /path}`: the file is there, `{written: /path}`: it is new or changed, and whole,
      `{opened: /path}`: right before it is opened; each may be a glob;
    - `{connect: "host:80"}`: right before a connection; `{holds: "shell text"}`: that exits with 0.

    A program is named without its folder, a script or module as if it were started by itself
    (`python3 -m unittest` is `unittest`); several in a list: any of them.  Each of `args` must be
    among its arguments, in any order: a glob for the word or its last path component, or a list of
    alternatives.  `latest: TRIGGER` injects then at the latest, if that comes first.  A pair of
    numbers is a range from which the plan draws by the seed.
    """

    kind: Literal[
        "start", "step", "seconds", "exec", "after", "during", "created", "written", "opened",
        "connect", "holds",
    ]  # fmt: skip
    value: Any = None
    """int or (low, high) for step; float or (low, high) for seconds; the programs' names for exec,
    after and during; a path, host:port or script for the others; None for start."""
    args: tuple[tuple[str, ...], ...] = ()
    """exec, after and during only: for each, the globs of which one must match a word."""
    delay: float = 0.0
    """during and step only: seconds after the program or the step began."""
    latest: Trigger | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if data == "start":
            return {"kind": "start"}
        if not isinstance(data, dict):
            return data
        if "kind" in data:
            return {**data, "value": _fixed(data.get("value"))}
        kinds = [key for key in data if key not in _MODIFIERS]
        if len(kinds) != 1:
            raise ValueError(
                "a trigger is `start`, or one of {step: N}, {seconds: T}, {exec: PROGRAM},"
                " {after: PROGRAM}, {during: PROGRAM, for: T}, {created: PATH}, {written: PATH},"
                " {opened: PATH}, {connect: HOST:PORT}, {holds: SCRIPT}, with `args` and `latest`"
            )
        (kind,) = kinds
        value = (_alternatives if kind in PROGRAMS else _fixed)(data[kind])
        made = {"kind": kind, "value": value, "latest": data.get("latest")}
        if "args" in data:
            made["args"] = _arguments(data["args"])
        if "for" in data:
            made["delay"] = data["for"]
        return made

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not _VALUES[self.kind](self.value) or self.delay < 0:
            raise ValueError(f"{self.value!r} does not fit the trigger `{self.kind}`")
        if (self.args and self.kind not in PROGRAMS) or (self.delay and self.kind not in _LASTING):
            raise ValueError(f"`args` and `for` do not go with `{self.kind}`")
        if self.latest is not None and (self.latest.latest or self.latest.kind == "start"):
            raise ValueError("`latest` is a trigger of its own, without `latest`, and not `start`")
        return self

    @property
    def words(self) -> str:
        """When it is, for people."""
        names = " or ".join(self.value) if self.kind in PROGRAMS else str(self.value)
        what = " ".join((names, *("|".join(globs) for globs in self.args)))
        told = _WORDS[self.kind].format(what, self.delay)
        return f"{told}; at the latest {self.latest.words}" if self.latest else told

    @property
    def ways(self) -> tuple[Trigger, ...]:
        """The trigger itself and its `latest`: whichever comes first."""
        return (self,) if self.latest is None else (self, self.latest)


_WORDS = {
    "start": "before the agent starts",
    "step": "just before step {0}",
    "seconds": "{0} s of the sandbox's work after the hand-over",
    "exec": "just before {0} runs",
    "after": "when {0} has ended",
    "during": "while {0} runs, {1:g} s after it began",
    "created": "when {0} is there",
    "written": "when {0} is written",
    "opened": "just before {0} is opened",
    "connect": "just before a connection to {0}",
    "holds": "once this holds: {0}",
}


def _fixed(data: Any) -> Any:
    """Return a list as a tuple: a trigger that was written and read again is the same."""
    return tuple(data) if isinstance(data, list) else data


def _alternatives(data: Any) -> Any:
    fixed = _fixed(data)
    return fixed if isinstance(fixed, tuple) else (fixed,)


def _arguments(data: Any) -> Any:
    return tuple(map(_alternatives, data)) if isinstance(data, list) else data


def _number_or_range(value: Any, kind: Any, *, least: float) -> bool:
    low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (value, value)  # noqa: PLR2004
    numbers = all(isinstance(x, kind) and not isinstance(x, bool) for x in (low, high))
    return numbers and least <= low <= high


def _names(value: Any) -> bool:
    return bool(value) and all(isinstance(name, str) and name for name in value)


def _path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("/", "{{"))


def _host_and_port(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[^\s:]+:[0-9]{1,5}", value) is not None


_VALUES: dict[str, Callable[[Any], bool]] = {
    "start": lambda value: value is None,
    "step": partial(_number_or_range, kind=int, least=1),
    "seconds": partial(_number_or_range, kind=(int, float), least=0),
    **dict.fromkeys(PROGRAMS, _names),
    **dict.fromkeys(FILES, _path),
    "connect": _host_and_port,
    "holds": lambda value: isinstance(value, str) and value.strip() != "",
}


class Schedule(Frozen):
    """How long an injected fault lasts.

    In YAML: `until-healed` (the agent can remove it), `permanent` (the agent cannot),
    `{times: n}` (the harness heals after n effects on the agent), `{seconds: t}` (the harness
    heals t seconds after it was confirmed).
    """

    kind: Literal["until-healed", "permanent", "times", "seconds"] = "until-healed"
    value: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"kind": data}
        if isinstance(data, dict) and len(data) == 1 and "kind" not in data:
            ((kind, value),) = data.items()
            return {"kind": kind, "value": value}
        return data

    @model_validator(mode="after")
    def _fits(self) -> Self:
        counted = self.kind in {"times", "seconds"}
        if counted != (self.value is not None) or (self.value is not None and self.value <= 0):
            raise ValueError(
                "a schedule is until-healed, permanent, {times: N} or {seconds: T}, N and T > 0"
            )
        return self

    @property
    def transient(self) -> bool:
        """Say whether the harness itself ends the fault."""
        return self.kind in {"times", "seconds"}
