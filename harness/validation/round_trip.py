"""The round trip of a fault: injected it shows, reverted it is gone, and it can come twice."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator

from harness.containers.connection import TROUBLE
from harness.containers.engine import Engine
from harness.errors import HarnessError
from harness.history.writer import History
from harness.injection.mechanisms import TABLE
from harness.injection.mechanisms.base import InjectionTarget
from harness.models.fault import Fault
from harness.models.trial import TrialSpec
from harness.trial.resources import Resources
from harness.trial.trial import Connect, stage
from harness.validation.findings import Finding

BEFORE, REVERTED = "not there before", "reverted, it is gone"

Answer = tuple[str, bool, bool | None]
"""(question, wanted, got)"""


def ask(target: InjectionTarget) -> Iterator[Answer]:
    """Inject the fault, revert it and inject it again; yield whether it shows, each time."""
    how = TABLE[target.fault.mechanism]
    yield BEFORE, False, how.present(target)
    facts = how.inject(target)
    yield "injected, it shows", True, how.present(target)
    if not heals(target.fault):
        return
    how.heal(target, facts)
    yield REVERTED, False, how.present(target)
    if target.fault.when.kind == "during":
        return  # it is for a command that runs no more
    how.inject(target)
    yield "injected again, it shows", True, how.present(target)


def heals(fault: Fault) -> bool:
    """Say whether the harness itself can undo the fault."""
    return fault.heal is not None or TABLE[fault.mechanism].HEALS


def round_trip(
    spec: TrialSpec, resources: Resources, *, connect: Connect = Engine
) -> list[Finding]:
    """Play the task's solution until the fault is due; inject it, revert it and inject it again.

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


def _answers(spec: TrialSpec, resources: Resources, connect: Connect) -> list[Answer]:
    answers: list[Answer] = []

    def instead(target: InjectionTarget) -> None:
        answers.extend(ask(target))

    labels = {"harness.run": resources.run, "harness.trial": spec.trial}
    history, never = History(io.StringIO(), time.monotonic), threading.Event()
    with (
        connect(labels, resources.file_transfer) as engine,
        stage(spec, resources, engine, history, lambda _: "", never, instead) as ready,
    ):
        ready.session.hand_over()
        for command in spec.task.solution:
            if answers:
                break
            ready.session.do(command)
    return answers
