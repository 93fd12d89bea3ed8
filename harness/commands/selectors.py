"""Which trials: the options that `harness run` and `harness plan` share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from harness import api
from harness.errors import InputError
from harness.planning.plan import Selection

Many = Annotated[tuple[str, ...], Parameter(negative=(), consume_multiple=False)]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """Tasks x faults x agents x attempts.  Without any, the core pairs and the agent `oracle`."""

    task: Annotated[Many, Parameter(alias="-t", help="task: id or glob; may be repeated")] = ()
    fault: Annotated[Many, Parameter(alias="-f", help="fault: id, error type or glob")] = ()
    agent: Annotated[Many, Parameter(alias="-a", help="agent: name, NAME:MODEL or FILE.yaml")] = ()
    all_: Annotated[
        bool, Parameter(name="--all", negative=(), help="every declared pair, not the core ones")
    ] = False
    attempts: Annotated[int, Parameter(alias="-n", help="attempts of each trial")] = 1
    seed: Annotated[int, Parameter(help="decides every free choice")] = 0

    def selection(self) -> Selection:
        """Return what `harness.api.plan` takes.  Raises `InputError`."""
        return api.select(
            tasks=self.task,
            faults=self.fault,
            agents=self.agent or ("oracle",),
            attempts=positive(self.attempts, "-n"),
            seed=self.seed,
            everything=self.all_,
        )


CORE = Selectors()
"""Nothing selected: the core pairs."""


def positive(number: int, name: str) -> int:
    """Return the number, or say that it must be at least 1."""
    if number < 1:
        raise InputError(f"{name} must be at least 1")
    return number
