"""Which trials: the options that `harness run` and `harness plan` share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from harness.agents.registry import agent_named
from harness.errors import InputError
from harness.models.nouns import AgentSpec, TrialSpec
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
        """Return what `harness.planning.plan` takes.  Raises `InputError`."""
        return Selection(
            tasks=self.task,
            faults=self.fault,
            agents=[agent_named(name) for name in self.agent or ("oracle",)],
            attempts=positive(self.attempts, "-n"),
            seed=self.seed,
            everything=self.all_,
        )

    def asked(self, agents: list[AgentSpec], specs: list[TrialSpec]) -> dict[str, Any]:
        """Return what a run writes down about its selection."""
        return {
            "task": self.task,
            "fault": self.fault,
            "agent": [agent.model_dump() for agent in agents],
            "all": self.all_,
            "attempts": self.attempts,
            "seed": self.seed,
            "trials": [spec.trial for spec in specs],
        }


CORE = Selectors()
"""Nothing selected: the core pairs."""


def positive(number: int, name: str) -> int:
    """Return the number, or say that it must be at least 1."""
    if number < 1:
        raise InputError(f"{name} must be at least 1")
    return number
