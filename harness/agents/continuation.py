"""Recorded commands again, then a way on: what an experiment on a trial plays.

A way on is a policy that is told the task's solution and the fault: `oracle` goes on from where
things stand; `afresh` first takes away what has been added among the task's outputs; `mended`
first plays the fault's own playbook.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from harness.agents import base
from harness.agents.model_settings import settings_as
from harness.agents.scripted import oracle
from harness.agents.session import Session
from harness.agents.state_survey import Survey
from harness.history.events import Surveyed
from harness.models.trial import TrialSpec
from harness.models.values import Frozen
from harness.shelltext.quoting import quote, text_of

Way = Literal["oracle", "afresh", "mended"]


class Settings(Frozen):
    """`parts`: commands, or ways on, in the order in which they are played."""

    parts: tuple[Way | tuple[str, ...], ...]
    pauses: tuple[float, ...] = ()
    """Seconds to wait before each of the first commands, where the fault goes by the clock."""
    survey: bool = False
    """After each command, record whether it changed anything: an event `surveyed`."""


ready = base.ready
layer = base.no_layer
endpoint = base.no_endpoint
model_of = base.no_model


def play(spec: TrialSpec, session: Session) -> None:
    """Play the parts; the commands run whatever they answer."""
    settings = settings_as(Settings, spec.agent)
    before = _outputs(spec, session) if "afresh" in settings.parts else frozenset()
    survey = Survey(session) if settings.survey else None
    pauses = iter(settings.pauses)
    for part in settings.parts:
        if isinstance(part, str):
            WAYS[part](spec, session, before)
        else:
            for command in part:
                session.wait(next(pauses, 0.0))
                session.do(command)
                if survey is not None:
                    session.record(Surveyed(step=session.steps, changed=survey.changed()))
    if not session.spoke_last:
        session.say("STATUS: done")


def _oracle(spec: TrialSpec, session: Session, before: frozenset[str]) -> None:  # noqa: ARG001
    oracle(spec, session)


def _afresh(spec: TrialSpec, session: Session, before: frozenset[str]) -> None:
    added = sorted(_outputs(spec, session) - before)
    if added:
        session.do(f"rm -rf -- {quote(added)}")
    oracle(spec, session)


def _mend(spec: TrialSpec, session: Session, before: frozenset[str]) -> None:  # noqa: ARG001
    for command in _playbook(spec):
        session.do(command)
    oracle(spec, session)


WAYS: dict[str, Callable[[TrialSpec, Session, frozenset[str]], None]] = {
    "oracle": _oracle,
    "afresh": _afresh,
    "mended": _mend,
}


def _outputs(spec: TrialSpec, session: Session) -> frozenset[str]:
    """Return the files among the task's outputs, those of a repository's own apart."""
    paths = quote(spec.task.outputs)
    listed = session.peek(f"find {paths} -name .git -prune -o ! -type d -print0 2>/dev/null")
    return frozenset(text_of(listed.stdout).split("\0")) - {""}


def ways(spec: TrialSpec) -> tuple[Way, ...]:
    """Return the ways on that a trial has: without a playbook there is nothing to mend by."""
    mended: tuple[Way, ...] = ("mended",) if _playbook(spec) else ()
    return ("oracle", *(("afresh",) if spec.task.outputs else ()), *mended)


def _playbook(spec: TrialSpec) -> tuple[str, ...]:
    books = spec.fault.playbooks
    return books.workaround if spec.fault.resolution == "workaround" else books.fix
