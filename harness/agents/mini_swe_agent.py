"""mini-swe-agent (an extra) drives the sandbox: its loop and its models, our shell and exec filter.

It runs on the harness side, and its model is at the gateway like that of the others.  Only its
own deterministic model (`options: {model_class: deterministic, outputs: [...]}`) needs none.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from pydantic import Field

from harness.agents import base, cli, model_settings
from harness.agents.base import Place
from harness.agents.model_ledger import ModelLedger
from harness.agents.model_settings import OPENAI, Home
from harness.agents.session import Session
from harness.errors import InputError
from harness.gateway.model_channel import Model
from harness.models.trial import AgentSpec, TrialSpec

HOME = Home(**{**OPENAI.model_dump(), "format": "chat"})

DEFAULT = "gpt-5"
"""The model that is asked for when the file names none."""

SUBMIT = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
"""By its convention the agent ends with a command that prints this line first."""

PUMP_SECONDS = 0.02
"""How often the trial is looked at while the model thinks, in seconds."""


class Settings(model_settings.Settings):
    """Keys of its agent file."""

    config: str = "mini.yaml"
    """Which of the agent's own configuration files gives the prompts."""
    options: dict[str, Any] = Field(default={})
    """Further keys of its model configuration."""


layer = base.no_layer


def endpoint(agent: AgentSpec) -> Place | None:
    """Say from where it reaches its model at the gateway."""
    return None if _deterministic(model_settings.settings_as(Settings, agent)) else "host"


def _deterministic(settings: Settings) -> bool:
    return settings.options.get("model_class") == "deterministic"


def ready(agent: AgentSpec) -> None:
    """Say before any container starts what is missing."""
    _parts()
    settings = model_settings.settings_as(Settings, agent)
    if not _deterministic(settings):
        model_settings.ready(settings, HOME)


def model_of(agent: AgentSpec) -> Model:
    """Return its model."""
    return model_settings.model_of(model_settings.settings_as(Settings, agent), HOME)


def _parts() -> tuple[Any, Any, Any]:
    """Return (its default agent, its reader of configurations, its maker of models)."""
    try:
        os.environ.setdefault("MSWEA_SILENT_STARTUP", "1")
        os.environ.setdefault("MSWEA_COST_TRACKING", "ignore_errors")
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        from minisweagent.agents.default import DefaultAgent  # noqa: PLC0415 - an extra
        from minisweagent.config import get_config_from_spec  # noqa: PLC0415
        from minisweagent.models import get_model  # noqa: PLC0415
    except ImportError:
        raise InputError(
            "mini-swe-agent is not installed: pip install 'recovery-harness[mini]'"
        ) from None
    return DefaultAgent, get_config_from_spec, get_model


def play(spec: TrialSpec, session: Session) -> None:
    """Run its default agent on the task and say its last words; its messages are kept."""
    agent_class, config_named, model_made = _parts()
    settings = model_settings.settings_as(Settings, spec.agent)
    config = config_named(settings.config)
    shared = config.get("model", {})
    prompts = {k: config["agent"][k] for k in ("system_template", "instance_template")}
    with contextlib.ExitStack() as stack:
        if _deterministic(settings):
            model = model_made(config={**shared, "model_name": DEFAULT, **settings.options})
        else:
            model = stack.enter_context(_at_the_gateway(settings, shared, session, model_made))
        environment = Environment(session)
        agent = agent_class(model, environment, step_limit=0, cost_limit=0, **prompts)
        environment.agent = agent
        try:
            ended = agent.run(spec.task.instruction)
        finally:
            session.log(json.dumps(agent.messages, default=str).encode(), "messages")
    session.say(ended.get("submission") or last_words(agent.messages))


@contextlib.contextmanager
def _at_the_gateway(
    settings: Settings, shared: dict[str, Any], session: Session, model_made: Callable[..., Any]
) -> Iterator[Any]:
    """Give its model for the length of a `with`, while the trial goes on as the model thinks."""
    line = cli.endpoint_of(session)
    ledger = ModelLedger(session, settings, line.channel)
    model = model_made(config={**shared, **_model(settings, line)})
    model.query = aside(model.query, lambda: attend(ledger, session))
    try:
        yield model
    except Exception as error:  # noqa: BLE001 - the agent may fail in any way
        raise ledger.unreachable() or error from None


def _model(settings: Settings, line: Any) -> dict[str, Any]:
    """Return its model configuration: an OpenAI-compatible server, which is the gateway."""
    return {
        "model_name": f"openai/{settings.model or DEFAULT}",
        "cost_tracking": "ignore_errors",
        **settings.options,
        "model_kwargs": {
            **settings.options.get("model_kwargs", {}),
            "api_base": f"{line.url}/v1",
            "api_key": line.channel.token,
        },
    }


def aside(ask: Callable[..., Any], attend: Callable[[], None]) -> Callable[..., Any]:
    """Return `ask` done in another thread, while this one attends to the trial.

    When the trial is cut off that thread is not waited for: its own retries may go on for minutes.
    """

    def query(*args: Any, **kwargs: Any) -> Any:
        future: Future[Any] = Future()

        def work() -> None:
            try:
                future.set_result(ask(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                future.set_exception(error)

        threading.Thread(target=work, name="mini-swe-agent", daemon=True).start()
        while not future.done():
            attend()
        return future.result()

    return query


def attend(ledger: ModelLedger, session: Session) -> None:
    """Hear what the gateway has to tell, and let time pass in the trial."""
    ledger.pump()
    session.wait(PUMP_SECONDS)


class Environment:
    """What mini-swe-agent asks of an environment, answered by the session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.agent: Any = None
        self.config = None

    def execute(self, action: dict[str, Any], cwd: str = "") -> dict[str, Any]:  # noqa: ARG002
        """Run one action; end the agent's loop when it submits."""
        from minisweagent.exceptions import Submitted  # noqa: PLC0415

        words = last_words(self.agent.messages) if self.agent else None
        seen = self._session.do(action["command"], words or None)
        first, _, rest = seen.text.lstrip().partition("\n")
        if first.strip() == SUBMIT and seen.exit_code == 0:
            extra = {"exit_status": "Submitted", "submission": rest}
            raise Submitted({"role": "exit", "content": rest, "extra": extra})
        info = "the command timed out" if seen.timed_out else ""
        code = -1 if seen.exit_code is None else seen.exit_code
        return {"output": seen.text, "returncode": code, "exception_info": info}

    def get_template_vars(self, **extra: Any) -> dict[str, Any]:
        """Return what its prompt templates may name of the machine (never the host's own)."""
        machine = {"system": "Linux", "release": "", "version": "", "machine": ""}
        return {**machine, "cwd": "", "env": {}, **extra}

    def serialize(self) -> dict[str, Any]:
        """Return nothing: the history is ours."""
        return {}


def last_words(messages: list[dict[str, Any]]) -> str:
    """Return the text of the last message the model wrote."""
    for message in reversed(messages):
        if message.get("role") == "assistant":
            return str(message.get("content") or "")
    return ""
