"""An agent that is a program of its own: it runs in the sandbox, and its model is at the gateway.

What it does is read off its talk with the model: a shell command that the model asks for is a
step, the tool's result is what the agent saw.  What its processes really execute, the command
gate records beside it.  Each adapter is a `Cli`: how to install it, how to start it, and how it
tells an exit code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import Field, ValidationError

from harness.errors import HarnessError, InputError
from harness.gateway import models
from harness.gateway.desk import Exchange, Model
from harness.gateway.models import Provider
from harness.gateway.scenario import Scenario
from harness.models import AgentSpec, LocalPath, Spec, Value
from harness.session import Observation, Session


class Cli(Value):
    """How one agent program is used.  `{model}`, `{url}`, `{key}`, `{task}` are filled in."""

    version: str
    install: str
    """Shell text, run as root aside."""
    finish: str
    """Dockerfile text that takes the program from stage `install`."""
    command: tuple[str, ...]
    env: dict[str, str] = Field(default={})
    model: str
    """What it asks the gateway for when nothing is said."""
    exit_code: str | None = None
    """Where a tool result tells the exit code (group 1)."""
    silent_success: bool = False
    """A result that tells no exit code means 0."""
    as_root: bool = True
    """Whether it agrees to run as root."""


class Settings(Value):
    """What an agent file may say under `settings`.  One of scenario and provider is needed."""

    version: str | None = None
    model: str | None = None
    scenario: dict[str, Any] | None = None
    """A scripted model, in place."""
    scenario_file: LocalPath | None = None
    """The same in a YAML file."""
    provider: Provider | None = None
    args: tuple[str, ...] = ()
    """Further arguments of the command."""
    env: dict[str, str] = Field(default={})


def settings_of(agent: AgentSpec) -> Settings:
    """Return an agent's settings; `InputError` says what is wrong with them."""
    try:
        return Settings.model_validate(agent.settings)
    except ValidationError as error:
        raise InputError(f"agent {agent.id}: {error}") from None


def ready(agent: AgentSpec) -> None:
    """Say before any container starts what is missing."""
    settings = settings_of(agent)
    if settings.provider is not None:
        models.ready(settings.provider)
    elif scenario(settings) is None:
        raise InputError(f"agent {agent.id}: name its model: `provider:` or `scenario:`")


def scenario(settings: Settings) -> Scenario | None:
    """Return the scripted model that the settings name, if they do."""
    data = settings.scenario
    if settings.scenario_file is not None:
        with open(settings.scenario_file, encoding="utf-8") as file:  # noqa: PTH123
            data = yaml.safe_load(file)
    if data is None:
        return None
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise InputError(f"the scenario is not understood: {error}") from None


def model_of(agent: AgentSpec) -> Model:
    """Return a fresh model for one trial of the agent."""
    settings = settings_of(agent)
    script = scenario(settings)
    if script is not None:
        return models.scripted(script)
    if settings.provider is None:
        raise InputError(f"agent {agent.id}: name its model: `provider:` or `scenario:`")
    return models.provided(settings.provider)


def recipe(cli: Cli, agent: AgentSpec) -> str:
    """Return the Dockerfile of the agent's layer."""
    from harness.agents.install import dockerfile  # noqa: PLC0415

    version = settings_of(agent).version or cli.version
    return dockerfile(cli.install.replace("{version}", version), cli.finish)


def play(cli: Cli, spec: Spec, session: Session) -> None:
    """Run the program on the task; turn its talk with the model into steps."""
    settings = settings_of(spec.agent)
    line = session.line
    if line is None:
        raise HarnessError(f"{spec.agent.id}: the gateway is not open")
    fill = {
        "{model}": settings.model or cli.model,
        "{url}": line.url,
        "{key}": line.desk.token,
        "{task}": spec.task.instruction,
    }
    talk = Talk(cli, session)
    command = [_filled(word, fill) for word in (*cli.command, *settings.args)]
    env = {name: _filled(value, fill) for name, value in {**cli.env, **settings.env}.items()}
    ended = session.launch(command, env, lambda: talk.pump(line.desk.take()), [line.desk.bell])
    talk.over(ended.exit_code, ended.stderr)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(model|url|key|task)\}", lambda place: values[place[0]], text)


class Talk:
    """The agent's talk with its model, told to the session step by step."""

    def __init__(self, cli: Cli, session: Session) -> None:
        self._cli = cli
        self._session = session
        self._open: dict[str, tuple[int, str]] = {}
        """Tool call id -> (step, command) whose result has not come yet."""
        self._said = ""
        self._troubles: list[str] = []

    def pump(self, exchanges: list[Exchange]) -> None:
        """Record what came; each exchange goes on when it has been recorded."""
        for exchange in exchanges:
            try:
                self._heard(exchange)
            finally:
                exchange.done.set()

    def _heard(self, exchange: Exchange) -> None:
        match exchange.kind:
            case "request":
                for result in exchange.request.results:
                    self._result(result.id, result.text)
            case "answer":
                self._answered(exchange)
            case "failed":
                self._troubles.append(str(exchange.body))
                self._session.record("unanswered", message=str(exchange.body)[:2000])

    def _answered(self, exchange: Exchange) -> None:
        answer = exchange.answer
        if answer is None:
            return
        self._troubles.clear()
        usage = answer.usage
        self._session.record(
            "asked", turn=exchange.request.turns + 1, model=exchange.request.model,
            prompt=usage.prompt, completion=usage.completion, cached=usage.cached,
            seconds=round(exchange.seconds, 4), text=answer.text,
        )  # fmt: skip
        self._said = answer.text or self._said
        for call in answer.calls:
            if call.command is not None:
                step, _ = self._session.begin(call.command, answer.text or None)
                self._open[call.id] = (step, call.command)
            else:
                self._session.record(
                    "uses", tool=call.name, arguments=call.arguments, raw=call.raw or None
                )

    def _result(self, number: str, text: str) -> None:
        if number not in self._open:
            return
        step, command = self._open.pop(number)
        seen = Observation(stdout=text, stderr="", exit_code=self._exit_code(text))
        self._session.finish(step, command, seen)

    def _exit_code(self, text: str) -> int | None:
        found = re.search(self._cli.exit_code, text, re.MULTILINE) if self._cli.exit_code else None
        if found is not None:
            return int(found[1])
        return 0 if self._cli.silent_success else None

    def over(self, exit_code: int | None, errors: str) -> None:
        """Say the agent's last words; tell a crash from a model that could not be reached."""
        if self._troubles and exit_code != 0:
            raise HarnessError(f"the model could not be reached: {self._troubles[-1][:500]}")
        self._session.say(self._said)
        if exit_code != 0:
            raise AgentCrashed(f"exit code {exit_code}: {errors.strip()[-500:]}")


class AgentCrashed(Exception):  # noqa: N818 - it is the agent's, not ours
    """The agent's program ended badly by itself."""
