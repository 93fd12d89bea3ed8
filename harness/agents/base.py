"""What an adapter must have, and the answers of those that have nothing special to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from harness.agents.session import Session
from harness.errors import HarnessError
from harness.gateway.model_channel import Model
from harness.models.trial import AgentSpec, TrialSpec

Place = Literal["sandbox", "host"]
"""From where an agent reaches its model at the gateway."""


class Adapter(Protocol):
    """A way to let some agent act: a module with all of these, or a value that has them."""

    @property
    def Settings(self) -> type[BaseModel]:  # noqa: N802 - it is a class there
        """The keys of its agent file."""

    def ready(self, agent: AgentSpec, /) -> None:
        """Raise `InputError` before anything starts, where something is missing."""

    def layer(self, agent: AgentSpec, /) -> str | None:
        """Return the Dockerfile of an image layer with the agent on the sandbox, if it has one."""

    def endpoint(self, agent: AgentSpec, /) -> Place | None:
        """Say from where it reaches its model at the gateway; None: it has none there."""

    def model_of(self, agent: AgentSpec, /) -> Model:
        """Return a fresh model for one trial, where it has one at the gateway."""

    def play(self, spec: TrialSpec, session: Session, /) -> None:
        """Act with `session.do(command)`, speak with `session.say(text)`; to return is to stop.

        What the session raises goes through: `CutOff` when the task's limits are used up.  Any
        error that does not come out of the session is the agent's: it crashed.
        """


class Settings(BaseModel, extra="forbid"):
    """No settings at all."""


def ready(agent: AgentSpec) -> None:
    """Miss nothing."""


def no_layer(agent: AgentSpec) -> str | None:  # noqa: ARG001 - the common answer
    """Stand outside of the sandbox, or in it already."""
    return None


def no_endpoint(agent: AgentSpec) -> Place | None:  # noqa: ARG001
    """Have no model at the gateway."""
    return None


def no_model(agent: AgentSpec) -> Model:
    """Have none to give."""
    raise HarnessError(f"the agent {agent.id} has no model at the gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """Another package's adapter: what its module lacks stands here."""

    play: Callable[[TrialSpec, Session], None]
    Settings: type[BaseModel] = Settings
    ready: Callable[[AgentSpec], None] = ready
    layer: Callable[[AgentSpec], str | None] = no_layer
    endpoint: Callable[[AgentSpec], Place | None] = no_endpoint
    model_of: Callable[[AgentSpec], Model] = no_model


def adopt(found: dict[str, Any], name: str) -> Adapter:
    """Return another package's module, by its names, as an adapter.

    `HarnessError` if it has no `play`, or a name of ours for something else.
    """
    if "play" not in found:
        raise HarnessError(f"{name} has no function `play`")
    given = {field.name: found[field.name] for field in fields(Foreign) if field.name in found}
    for key, value in given.items():
        if key == "Settings" and not (isinstance(value, type) and issubclass(value, BaseModel)):
            raise HarnessError(f"{name}: `Settings` is no pydantic model")
        if not callable(value):
            raise HarnessError(f"{name}: `{key}` is no function")
    return Foreign(**given)
