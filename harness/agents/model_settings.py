"""What every agent with a model at the gateway may be told, and the model that it then has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from harness.errors import InputError
from harness.gateway import models, recording
from harness.gateway.model_channel import Model
from harness.gateway.models import Provider
from harness.gateway.scenario import Scenario
from harness.gateway.turns import Format, Usage
from harness.history.store import TrialFolder
from harness.models.trial import AgentSpec
from harness.models.values import Frozen


class Price(Frozen):
    """USD per million tokens."""

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """For prompt tokens that were read from a cache; None: as the others."""

    def of(self, usage: Usage) -> float | None:
        """Return what an exchange cost, in USD; None where the model does not say its tokens.

        >>> Price(prompt=2, completion=10, cached=0.5).of(
        ...     Usage(prompt=1000, completion=100, cached=400))
        0.0024
        """
        if usage.prompt is None or usage.completion is None:
            return None
        cached = usage.cached or 0
        rate = self.prompt if self.cached is None else self.cached
        fresh = max(0, usage.prompt - cached)
        total = fresh * self.prompt + cached * rate + usage.completion * self.completion
        return round(total / 1e6, 9)


class Budget(Frozen):
    """What one trial may spend.  It ends with the answer that goes beyond."""

    tokens: int | None = Field(default=None, ge=1)
    """Of prompts and answers together."""
    usd: float | None = Field(default=None, gt=0)


class Upstream(Frozen):
    """Where the gateway finds the model."""

    base_url: str = Field(pattern=r"^https?://")
    """Up to and without `/v1`."""
    model: str | None = None
    """Asked for instead of what the agent names."""
    seconds: float = Field(default=600, gt=0)
    """How long an answer may take."""


class Replay(Frozen):
    """A recorded trial whose answers stand in for the model."""

    trial: str
    """Its folder."""
    after: int | None = Field(default=None, ge=0)
    """Answers that are taken from it; the model itself goes on.  None: all of them."""


class Settings(Frozen):
    """Keys of the agent's file.  Its model: `scenario`, or a provider (each adapter has one)."""

    version: str | None = None
    """The agent's own version; it is part of its image layer."""
    model: str | None = None
    """What the agent asks the gateway for."""
    env_from: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """The environment variable (of the harness) that holds the model's key."""
    provider: Upstream | None = None
    scenario: Scenario | None = None
    """A scripted model instead; in place, or the name of a YAML file."""
    replay: Replay | None = None
    prices: dict[str, Price] = Field(default={})
    """By model; in place, or the name of a YAML file."""
    budget: Budget = Budget()
    args: tuple[str, ...] = ()
    """Further arguments of the agent's command."""
    env: dict[str, str] = Field(default={})
    """Further environment of the agent's program; no place for keys."""
    logs: tuple[str, ...] = ()
    """Files or folders in the sandbox that are kept when the agent has ended."""

    @model_validator(mode="after")
    def _one_model(self) -> Self:
        if self.scenario is not None and self.provider is not None:
            raise ValueError("give one of `scenario` and `provider`")
        return self


class Home(Frozen):
    """The provider that an agent is made for."""

    format: Format
    base_url: str
    key_env: str


OPENAI = Home(format="responses", base_url="https://api.openai.com", key_env="OPENAI_API_KEY")
GOOGLE = Home(
    format="gemini",
    base_url="https://generativelanguage.googleapis.com",
    key_env="GEMINI_API_KEY",
)
ANTHROPIC = Home(
    format="messages", base_url="https://api.anthropic.com", key_env="ANTHROPIC_API_KEY"
)


S = TypeVar("S", bound=Frozen)


def settings_as(shape: type[S], agent: AgentSpec) -> S:
    """Return an agent's settings; `InputError` says what is wrong with them."""
    try:
        return shape.model_validate_json(json.dumps(agent.settings))
    except ValidationError as error:
        raise InputError(f"agent {agent.id}: {error}") from None


def settings_of(agent: AgentSpec) -> Settings:
    """Return the settings of an agent that has no others than these."""
    return settings_as(Settings, agent)


def provider_of(settings: Settings, home: Home) -> Provider:
    """Return where the gateway finds the agent's model, and the name of its key."""
    given = settings.provider
    if given is None:
        key = settings.env_from or home.key_env
        return Provider(base_url=home.base_url, key_env=key)
    return Provider(**given.model_dump(), key_env=settings.env_from)


def ready(settings: Settings, home: Home) -> None:
    """Say before any container starts what is missing."""
    replayed = settings.replay is not None and settings.replay.after is None
    if settings.scenario is None and not replayed:
        models.ready(provider_of(settings, home), home.format)


def model_of(settings: Settings, home: Home) -> Model:
    """Return a fresh model for one trial of the agent."""
    if settings.scenario is not None:
        live = models.scenario_model(settings.scenario)
    else:
        live = models.provider_model(provider_of(settings, home))
    replay = settings.replay
    if replay is None:
        return live
    folder = TrialFolder(Path(replay.trial))
    recorded = recording.read_recording(folder.read_events(), folder.path / "artifacts")
    return recording.player(recorded, None if replay.after is None else live, replay.after)
