"""The round trip of a fault: injected it shows, reverted it is gone, and it can come twice."""

from __future__ import annotations

import contextlib
import io
import threading
import time

from harness.agents.session import Session
from harness.containers.connection import TROUBLE
from harness.containers.engine import Engine
from harness.containers.ports import Container
from harness.containers.sidecars.exec_filter import Tree
from harness.errors import HarnessError
from harness.history.writer import History
from harness.injection.mechanisms import TABLE
from harness.injection.mechanisms.base import InjectionTarget
from harness.injection.nemesis import Nemesis
from harness.models.fault import Fault
from harness.models.trial import TrialSpec
from harness.trial.environment import environment, injection_target, provision, tree
from harness.trial.resources import Resources
from harness.trial.trial import Connect
from harness.validation.findings import Finding

BEFORE, REVERTED = "not there before", "reverted, it is gone"


class RoundTrip(Nemesis):
    """Where it would inject it injects, reverts and injects again, and notes what showed."""

    def __init__(
        self,
        target: InjectionTarget,
        sandbox: Container,
        history: History,
        exec_filter: Tree | None,
    ) -> None:
        super().__init__(target, sandbox, history, exec_filter)
        self.answers: list[tuple[str, bool, bool | None]] = []
        """(question, wanted, got)"""

    def _inject(self) -> None:
        self._waiting = False
        how, target, ask = TABLE[self.target.fault.mechanism], self.target, self.answers.append
        ask((BEFORE, False, how.present(target)))
        facts = how.inject(target)
        ask(("injected, it shows", True, how.present(target)))
        if not heals(target.fault):
            return
        how.heal(target, facts)
        ask((REVERTED, False, how.present(target)))
        if target.fault.when.kind == "during":
            return  # it is for a command that runs no more
        how.inject(target)
        ask(("injected again, it shows", True, how.present(target)))


def heals(fault: Fault) -> bool:
    """Say whether the harness itself can undo the fault."""
    return fault.heal is not None or TABLE[fault.mechanism].HEALS


def round_trip(
    spec: TrialSpec, resources: Resources, *, connect: Connect = Engine
) -> list[Finding]:
    """Play the task's solution up to the injection, and there inject, revert and inject again.

    One finding a question; where the machinery fails, that is the finding.
    """

    def finding(says: str, got: object, *, ok: bool) -> Finding:
        subject = f"fault {spec.fault.id}"
        return Finding(subject=subject, says=says, ok=ok, got=str(got), trial=spec.trial)

    try:
        answers = _answers(spec, resources, connect)
    except (HarnessError, *TROUBLE) as error:
        return [finding("works in its sandbox", error, ok=False)]
    if not answers:
        return [finding("is injected", "never came due", ok=False)]
    # Before the injection there may be nothing to ask yet, if the answer is `no` afterwards.
    denies = (REVERTED, False, False) in answers
    return [
        finding(says, got, ok=got is wanted or (says == BEFORE and got is None and denies))
        for says, wanted, got in answers
    ]


def _answers(
    spec: TrialSpec, resources: Resources, connect: Connect
) -> list[tuple[str, bool, bool | None]]:
    labels = {"harness.run": resources.run, "harness.trial": spec.trial}
    with (
        connect(labels, resources.file_transfer) as engine,
        environment(spec, resources, engine) as world,
        tree(spec, resources) as exec_filter,
        injection_target(spec, resources, engine, world, exec_filter) as target,
    ):
        container = world["sandbox"]
        provision(spec, resources, container.probes)
        history = History(io.StringIO(), time.monotonic)
        nemesis = RoundTrip(target, container, history, exec_filter)
        session = Session(
            spec.task, container, nemesis, history, lambda _: "", threading.Event(), exec_filter
        )
        with contextlib.closing(session):
            session.open()
            nemesis.attach_shell(session.replay)
            nemesis.start()
            session.hand_over()
            for command in spec.task.solution:
                if nemesis.answers:
                    break
                session.do(command)
        return nemesis.answers
