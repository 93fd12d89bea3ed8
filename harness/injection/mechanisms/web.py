"""A service's web server answers otherwise: an error, a limit, half of it, something else.

It works on services of the sandbox `webhost`, by the rules that its operator has
(`sandboxes/webhost/webhost.py`); the server counts the requests that met one.  Fault's `where`: the
service.
"""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import Field, model_validator

from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget
from harness.models.values import CheckedRegex, Frozen
from harness.shelltext.quoting import quote

RULE = "/etc/webhost/rules/20-local"


class Settings(Frozen):
    """Which requests, and what they meet: exactly one of those that say what."""

    path: CheckedRegex = "^/"
    """Regular expression, found in the path."""
    method: CheckedRegex = ".+"
    """Regular expression for the whole method."""
    status: int | None = Field(default=None, ge=300, le=599)
    body: str = ""
    """status: what stands in the answer"""
    retry_after: int | None = None
    """status: seconds"""
    requests: int | None = Field(default=None, ge=0)
    """So many within `seconds`, and 429 for more."""
    seconds: float = 1.0
    like: str | None = None
    """The answer to this other path."""
    cut: int | None = Field(default=None, ge=0)
    """bytes of the body after which the connection is closed"""
    garble: int | None = Field(default=None, ge=0)
    """The byte of the body that is another."""
    certificate: Literal["expired", "unknown", "stranger"] | None = None
    """HTTPS: expired, of an unknown authority, or for another host's name; `status` may go with it,
    for clients that do not mind."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        status = self.certificate or self.status
        what = (status, self.requests, self.like, self.cut, self.garble)
        if sum(each is not None for each in what) != 1:
            raise ValueError("give one of status, requests, like, cut, garble and certificate")
        return self

    def rule(self, times: int | None) -> dict[str, object]:
        """Return the rule as the server reads it."""
        rule = self.model_dump(exclude_none=True, exclude={"retry_after"})
        if self.retry_after is not None:
            rule["headers"] = {"Retry-After": str(self.retry_after)}
        return rule if times is None else {**rule, "times": times}


COUNTS = True
HEALS = True
needs = base.needs_nothing
need = base.need
leave = base.nothing


def available(target: InjectionTarget) -> str | None:
    """Say whether the service has such a server."""
    found = target.probes.exists("/usr/lib/python3/dist-packages/webhost.py")
    return None if found else "it needs a service of the sandbox `webhost`"


def inject(target: InjectionTarget) -> Facts:
    """Give the server a rule."""
    rule = Settings.model_validate(target.fault.settings).rule(_times(target))
    text = quote([json.dumps(rule)])
    script = f"rm -f {RULE}.hits; printf %s {text} > {RULE}.new && mv {RULE}.new {RULE}.json"
    target.probes.script(script, "a rule")
    return rule


def present(target: InjectionTarget) -> bool | None:
    """Say whether the rule is there and not used up."""
    times = _times(target)
    return target.probes.exists(f"{RULE}.json") and (times is None or counted(target) < times)


def counted(target: InjectionTarget) -> int:
    """Return how many requests met the rule."""
    said = target.probes.ask(f"stat -c %s {RULE}.hits 2>/dev/null || echo 0").stdout
    return int(said or 0)


def heal(target: InjectionTarget, facts: Facts) -> None:  # noqa: ARG001 - all mechanisms are alike
    """Take the rule away, and the count of what it did."""
    target.probes.script(f"rm -f {RULE}.json {RULE}.hits", "no rule")


def _times(target: InjectionTarget) -> int | None:
    schedule = target.fault.schedule
    return int(schedule.value or 0) if schedule.kind == "times" else None
