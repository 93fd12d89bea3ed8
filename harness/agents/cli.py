"""An agent that is a program of its own: it runs in the sandbox, and its model is at the gateway.

What it does is read off its talk with the model: a shell command that the model asks for is a
step, the tool's result is what the agent saw.  What its processes really execute, the exec
filter records beside it.  Each adapter is a `Cli`: how to install it, how to start it, and how it
tells an exit code.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from harness.agents import model_settings
from harness.agents.allowance import CutOff
from harness.agents.base import Place
from harness.agents.install import dockerfile
from harness.agents.launching import ModelEndpoint
from harness.agents.model_ledger import ModelLedger
from harness.agents.model_settings import Home, Settings
from harness.agents.session import Session
from harness.agents.step_output import StepOutput
from harness.agents.steps_from_execs import Witness, steps_of, unknown
from harness.error_taxonomy import outputs
from harness.errors import HarnessError
from harness.gateway.model_channel import Exchange, Model, ModelChannel
from harness.gateway.turns import Answer, Request, ToolCall
from harness.history import events
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.values import Frozen
from harness.patterns import first_group

WORDS = 4000
"""characters of an agent's output that are taken for its last words, where nothing better is"""


class Manners(Frozen):
    """How what passes between an agent program and its model is to be read."""

    exit_code: str | None = None
    """Where a tool result tells the exit code (group 1)."""
    silent_success: bool = False
    """A result that tells no exit code means 0."""
    terminal: bool = False
    """A result is what a terminal printed, with the escape sequences that steer one."""
    closes: str | None = None
    """The tool by which the model ends, if there is one; its `message` is the last words."""

    def output_of(self, result: str) -> StepOutput:
        """Return what a tool result says."""
        code = exit_code_in(self.exit_code, result, silent=0 if self.silent_success else None)
        text = outputs.plain(result) if self.terminal else result
        return StepOutput(stdout=text, stderr="", exit_code=code)


class Cli(Manners):
    """An adapter for one agent program.  `{model}`, `{url}`, `{key}`, `{task}` are filled in."""

    version: str
    packages: tuple[str, ...] = ("ca-certificates", "nodejs", "npm")
    """The distribution's, that `install` needs."""
    install: str
    """Shell text, run as root aside; `{version}` is filled in."""
    finish: str
    """Dockerfile text that takes the program from stage `install`."""
    command: tuple[str, ...]
    env: dict[str, str] = Field(default={})
    model: str
    """What it asks the gateway for when nothing is said."""
    home: Home
    tools: bool = True
    """It runs commands by tools of its model; else its own executions are its steps."""
    witness: Callable[[Session], Witness] = lambda _: unknown
    """What such an agent itself notes of how they ended."""

    Settings: ClassVar = Settings

    def endpoint(self, agent: AgentSpec) -> Place:  # noqa: ARG002 - all of them are in the sandbox
        """Say from where it reaches its model."""
        return "sandbox"

    def ready(self, agent: AgentSpec) -> None:
        """Say before any container starts what is missing."""
        model_settings.ready(model_settings.settings_of(agent), self.home)

    def layer(self, agent: AgentSpec) -> str:
        """Return the Dockerfile of the agent's layer."""
        version = model_settings.settings_of(agent).version or self.version
        return dockerfile(self.install.replace("{version}", version), self.finish, self.packages)

    def model_of(self, agent: AgentSpec) -> Model:
        """Return a fresh model for one trial."""
        return model_settings.model_of(model_settings.settings_of(agent), self.home)

    def play(self, spec: TrialSpec, session: Session) -> None:
        """Run the program on the task; turn its talk with the model into steps."""
        settings = model_settings.settings_of(spec.agent)
        endpoint = endpoint_of(session)
        fill = {
            "{model}": settings.model or self.model,
            "{url}": endpoint.url,
            "{key}": endpoint.channel.token,
            "{task}": spec.task.instruction,
        }
        command = [fill_in(word, fill) for word in (*self.command, *settings.args)]
        env = {name: fill_in(value, fill) for name, value in {**self.env, **settings.env}.items()}
        talk = Talk(session, settings, endpoint.channel, self)
        with contextlib.nullcontext() if self.tools else steps_of(session, self.witness(session)):
            run(talk, command, env, endpoint)


class AgentCrashed(Exception):  # noqa: N818 - it is the agent's, not ours
    """The agent's program ended badly by itself."""


def endpoint_of(session: Session) -> ModelEndpoint:
    """Return the agent's way to its model, which must be there."""
    if session.endpoint is None:
        raise HarnessError("the gateway is not open")
    return session.endpoint


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the known names in braces filled in, and all others as they are.

    >>> fill_in("{a} {b}", {"{a}": "1"})
    '1 {b}'
    """
    return re.sub(r"\{\w+\}", lambda place: values.get(place[0], place[0]), text)


def exit_code_in(pattern: str | None, text: str, *, silent: int | None = None) -> int | None:
    """Return the exit code that a tool result tells; `silent` where it does not say.

    >>> exit_code_in("exit code ([0-9]+)", "exit code 3"), exit_code_in(None, "what?")
    (3, None)
    >>> exit_code_in("exit code ([0-9]+)", "", silent=0)
    0
    """
    found = first_group(pattern, text) if pattern else None
    return int(found) if found is not None else silent


def run(
    talk: Talk, command: Sequence[str], env: Mapping[str, str], endpoint: ModelEndpoint
) -> None:
    """Run a program to its end, hear its talk, and keep its logs."""

    def pump() -> None:
        endpoint.intact()
        talk.pump()

    try:
        ended = talk.session.launch(command, env, pump, [endpoint.channel.wakeup])
    except CutOff:
        talk.must_be_reachable()
        raise
    finally:
        for path in talk.settings.logs:
            talk.session.log_file(path)
    talk.must_be_reachable()
    talk.session.say(talk.said)
    if ended.exit_code != 0:
        said = (ended.stderr.strip() or ended.stdout.strip())[-500:]
        raise AgentCrashed(f"exit code {ended.exit_code}: {said}")


class Talk(ModelLedger):
    """The agent's talk with its model, told to the session step by step."""

    def __init__(
        self, session: Session, settings: Settings, channel: ModelChannel, manners: Manners
    ) -> None:
        super().__init__(session, settings, channel)
        self.said = ""
        """The agent's last words to its user."""
        self._manners = manners
        self._open: dict[str, tuple[int, str]] = {}
        """Tool call id -> (step, command) whose result has not come yet."""
        self._begun: set[str] = set()
        self._tooled = False
        """It works with tools: what it asks without them is beside its work."""
        self._model = ""
        """Which it asked first: what one without tools asks of others is beside its work."""

    def must_be_reachable(self) -> None:
        """Raise `ModelUnreachable` if that is how the talk ended."""
        error = self.unreachable()
        if error is not None:
            raise error

    def hear(self, exchange: Exchange) -> None:
        """Record one exchange, and the steps in it."""
        if exchange.kind == "request":
            for result in exchange.request.results:
                self._finish_call(result.id, result.text)
        super().hear(exchange)
        reply = exchange.reply if exchange.kind == "answer" else None
        if reply is not None and self._works(exchange.request):
            self._begin_calls(reply.answer)

    def _works(self, request: Request) -> bool:
        self._tooled |= bool(request.tools)
        self._model = self._model or request.model
        return bool(request.tools) or (not self._tooled and request.model == self._model)

    def _begin_calls(self, answer: Answer) -> None:
        self.said = answer.text or self.said
        for call in answer.calls:
            if call.id in self._begun:
                continue  # the answer was lost on its way, and asked for again
            self._begun.add(call.id)
            if call.command is not None:
                step, _ = self.session.begin(call.command, answer.text or None)
                self._open[call.id] = (step, call.command)
            else:
                self._record_tool(call)

    def _record_tool(self, call: ToolCall) -> None:
        if call.name == self._manners.closes and call.arguments is not None:
            self.said = str(call.arguments.get("message") or self.said)
        self.session.record(
            events.ToolCall(tool=call.name, arguments=call.arguments, raw=call.raw or None)
        )

    def _finish_call(self, number: str, text: str) -> None:
        if number not in self._open:
            return
        step, command = self._open.pop(number)
        self.session.finish(step, command, self._manners.output_of(text))
