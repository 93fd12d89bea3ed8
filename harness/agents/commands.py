"""A fixed list of commands, played in order; to record a path, or to replay one by hand."""

from harness.agents.modelled import settings_as
from harness.models import Spec, Value
from harness.session import Session


class Settings(Value):
    """`commands`: one a step; `final`: the last message."""

    commands: tuple[str, ...]
    final: str = "STATUS: done"


def play(spec: Spec, session: Session) -> None:
    """Run the commands whatever they answer, then say the final message."""
    settings = settings_as(Settings, spec.agent)
    for command in settings.commands:
        session.do(command)
    session.say(settings.final)
