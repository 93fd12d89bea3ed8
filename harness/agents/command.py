"""Any command line in the sandbox: how to install it, how to start it, where its logs are.

    adapter: command
    install: pip install --break-system-packages my-agent
    command: [my-agent, --task, '{task}', --base-url, '{url}/v1', --model, '{model}']
    env: {OPENAI_API_KEY: '{key}'}

`{task}`, `{model}`, `{url}` and `{key}` are filled in.  With `scenario`, `provider` or `env_from`
its model is at the gateway, and its steps are read off its talk with the model, which must name its
shell tool as agents do (see `harness.gateway.turns.SHELLS`).  Without, nothing of its talk can be
seen: each program that its own process executes is a step, whose output is unknown.
"""

from __future__ import annotations

from pydantic import Field

from harness.agents import cli, model_settings
from harness.agents.base import Place
from harness.agents.install import in_place
from harness.agents.model_settings import OPENAI, settings_as
from harness.agents.session import Session
from harness.agents.steps_from_execs import steps_of
from harness.gateway.model_channel import Model
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.values import CheckedRegex


class Settings(model_settings.Settings):
    """Keys of its agent file."""

    command: tuple[str, ...] = Field(min_length=1)
    """The program and its arguments."""
    install: str | None = None
    """Shell text, run as root while the agent's image layer is built; it may use the network."""
    exit_code: CheckedRegex | None = None
    """Where a tool result tells the exit code (group 1)."""


def endpoint(agent: AgentSpec) -> Place | None:
    """Say whether its model is at the gateway."""
    settings = settings_as(Settings, agent)
    given = (settings.scenario, settings.provider, settings.env_from, settings.replay)
    return "sandbox" if any(each is not None for each in given) else None


def ready(agent: AgentSpec) -> None:
    """Say before any container starts what is missing."""
    settings = settings_as(Settings, agent)
    if endpoint(agent) is not None:
        model_settings.ready(settings, OPENAI)


def layer(agent: AgentSpec) -> str | None:
    """Return the Dockerfile of its image layer, if it is to be installed."""
    settings = settings_as(Settings, agent)
    if settings.install is None:
        return None
    return in_place(settings.install.replace("{version}", settings.version or ""))


def model_of(agent: AgentSpec) -> Model:
    """Return its model."""
    return model_settings.model_of(settings_as(Settings, agent), OPENAI)


def play(spec: TrialSpec, session: Session) -> None:
    """Run the command on the task."""
    settings = settings_as(Settings, spec.agent)
    line = session.endpoint
    fill = {"{task}": spec.task.instruction, "{model}": settings.model or ""}
    if line is not None:
        fill |= {"{url}": line.url, "{key}": line.channel.token}
    command = [cli.fill_in(word, fill) for word in (*settings.command, *settings.args)]
    env = {name: cli.fill_in(value, fill) for name, value in settings.env.items()}
    if line is not None:
        talk = cli.Talk(session, settings, line.channel, cli.Manners(exit_code=settings.exit_code))
        cli.run(talk, command, env, line)
        return
    unseen(settings, session, command, env)


def unseen(settings: Settings, session: Session, command: list[str], env: dict[str, str]) -> None:
    """Run a program whose talk is not seen: its executions are its steps."""
    try:
        with steps_of(session):
            ended = session.launch(command, env, lambda: None)
    finally:
        for path in settings.logs:
            session.log_file(path)
    session.say(ended.stdout[-cli.WORDS :])
    if ended.exit_code != 0:
        raise cli.AgentCrashed(f"exit code {ended.exit_code}: {ended.stderr.strip()[-500:]}")
