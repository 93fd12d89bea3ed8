"""mini-swe-agent (an extra) drives the sandbox: its loop and its models, our shell and gate."""

from __future__ import annotations

import os
from typing import Any

from harness.errors import InputError
from harness.models import Spec, Value
from harness.session import Session

SUBMIT = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
"""By its convention the agent ends with a command that prints this line first."""


class Settings(Value):
    """`model`: keys of its model configuration (`model_class`, `model_name`, ...)."""

    model: dict[str, Any]
    config: str = "mini.yaml"
    """Which of the agent's own configuration files gives the prompts."""


def play(spec: Spec, session: Session) -> None:
    """Run its default agent on the task and say its last words."""
    try:
        os.environ.setdefault("MSWEA_SILENT_STARTUP", "1")
        from minisweagent.agents.default import DefaultAgent  # noqa: PLC0415 - an extra
        from minisweagent.config import get_config_from_spec  # noqa: PLC0415
        from minisweagent.models import get_model  # noqa: PLC0415
    except ImportError:
        raise InputError(
            "mini-swe-agent is not installed: pip install 'recovery-harness[mini]'"
        ) from None
    settings = Settings.model_validate(spec.agent.settings)
    config = get_config_from_spec(settings.config)
    model = get_model(config={**config.get("model", {}), **settings.model})
    prompts = {k: config["agent"][k] for k in ("system_template", "instance_template")}
    environment = Environment(session)
    agent = DefaultAgent(model, environment, step_limit=spec.task.limits.steps, **prompts)
    environment.agent = agent
    ended = agent.run(spec.task.instruction)
    session.say(ended.get("submission") or last_words(agent.messages))


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
