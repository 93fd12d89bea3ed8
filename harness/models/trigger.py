"""When a fault is injected, and for how long it stays: Trigger, Schedule."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from harness.models.values import Frozen


class Trigger(Frozen):
    """When a fault is injected.  Exactly one of the kinds; `during` goes with `after_seconds`.

    In YAML: `start`, `{step: 3}`, `{step: [2, 6]}`, `{before: RE}`, `{after: RE}`,
    `{seconds: 1.5}`, `{seconds: [1, 3]}`, `{file: /path}`, `{during: RE, after: 0.5}`.
    A pair of numbers is a range from which the plan draws by the seed.
    """

    kind: Literal["start", "step", "before", "after", "seconds", "file", "during"]
    value: Any = None
    """int or (low, high) for step; float or (low, high) for seconds; a regex for before, after
    and during; a path for file; None for start."""
    delay: float = 0.0
    """during only: seconds after the matching command began."""

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if data == "start":
            return {"kind": "start"}
        if not isinstance(data, dict) or "kind" in data:
            return data
        if set(data) == {"during", "after"}:
            return {"kind": "during", "value": data["during"], "delay": data["after"]}
        if len(data) == 1:
            ((kind, value),) = data.items()
            return {"kind": kind, "value": value}
        raise ValueError(
            "a trigger is `start`, or one of {step: N}, {before: RE}, {after: RE}, {seconds: T},"
            " {file: PATH}, {during: RE, after: T}"
        )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        match self.kind:
            case "start":
                fits = self.value is None
            case "step":
                fits = _number_or_range(self.value, int, least=1)
            case "seconds":
                fits = _number_or_range(self.value, (int, float), least=0)
            case "file":
                fits = isinstance(self.value, str) and self.value.startswith("/")
            case "before" | "after" | "during":
                fits = isinstance(self.value, str) and self.value != ""
        if not fits or self.delay < 0:
            raise ValueError(f"{self.value!r} does not fit the trigger `{self.kind}`")
        return self


def _number_or_range(value: Any, kind: Any, *, least: float) -> bool:
    low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (value, value)  # noqa: PLR2004
    numbers = all(isinstance(x, kind) and not isinstance(x, bool) for x in (low, high))
    return numbers and least <= low <= high


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
