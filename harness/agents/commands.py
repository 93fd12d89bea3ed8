"""A fixed list of commands, played in order; to record a path, or to replay one by hand."""

from harness.agents import base
from harness.agents.model_settings import settings_as
from harness.agents.session import Session
from harness.models.trial import TrialSpec
from harness.models.values import Frozen


class Settings(Frozen):
    """`commands`: one a step; `final`: the last message."""

    commands: tuple[str, ...]
    final: str = "STATUS: done"


ready = base.ready
layer = base.no_layer
endpoint = base.no_endpoint
model_of = base.no_model


def play(spec: TrialSpec, session: Session) -> None:
    """Run the commands whatever they answer, then say the final message."""
    settings = settings_as(Settings, spec.agent)
    for command in settings.commands:
        session.do(command)
    session.say(settings.final)
