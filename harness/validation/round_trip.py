"""A fault proves itself: struck it shows, healed it is gone, and it can come twice."""

from __future__ import annotations

import contextlib
import io
import threading
import time

from harness.agents.session import Session
from harness.containers.container import TROUBLE, Box
from harness.containers.engine import Engine
from harness.containers.sidecars.exec_filter import Tree
from harness.errors import HarnessError
from harness.history.history import History
from harness.injection.mechanisms import TABLE
from harness.injection.mechanisms.base import Site
from harness.injection.nemesis import Nemesis
from harness.models.nouns import Fault, Spec
from harness.trial.trial import Kit, boxes, furnish, site_of, tree
from harness.validation.claims import Finding

BEFORE, HEALED = "not there before", "healed, it is gone"


class Cycling(Nemesis):
    """Where it would strike it strikes, heals and strikes again, and notes what showed."""

    def __init__(self, site: Site, sandbox: Box, history: History, gate: Tree | None) -> None:
        super().__init__(site, sandbox, history, gate)
        self.answers: list[tuple[str, bool, bool | None]] = []
        """(question, wanted, got)"""

    def _strike(self) -> None:
        self._waiting = False
        how, site, ask = TABLE[self.site.fault.mechanism], self.site, self.answers.append
        ask((BEFORE, False, how.present(site)))
        facts = how.inject(site)
        ask(("struck, it shows", True, how.present(site)))
        if not heals(site.fault):
            return
        how.heal(site, facts)
        ask((HEALED, False, how.present(site)))
        if site.fault.when.kind == "during":
            return  # it strikes a command that runs no more
        how.inject(site)
        ask(("struck again, it shows", True, how.present(site)))


def heals(fault: Fault) -> bool:
    """Say whether the harness itself can undo the fault."""
    return fault.heal is not None or fault.mechanism not in {"script", "replay"}


def cycle(spec: Spec, kit: Kit) -> list[Finding]:
    """Play the task's solution up to the strike, and there strike, heal and strike again.

    One finding a question; where the machinery fails, that is the finding.
    """

    def finding(says: str, got: object, *, ok: bool) -> Finding:
        subject = f"fault {spec.fault.id}"
        return Finding(subject=subject, says=says, ok=ok, got=str(got), trial=spec.trial)

    try:
        answers = _answers(spec, kit)
    except (HarnessError, *TROUBLE) as error:
        return [finding("works in its sandbox", error, ok=False)]
    if not answers:
        return [finding("strikes", "never came due", ok=False)]
    # Before the strike nobody may be there yet to be asked, if only `no` is said afterwards.
    denies = (HEALED, False, False) in answers
    return [
        finding(says, got, ok=got is wanted or (says == BEFORE and got is None and denies))
        for says, wanted, got in answers
    ]


def _answers(spec: Spec, kit: Kit) -> list[tuple[str, bool, bool | None]]:
    labels = {"harness.run": kit.run, "harness.trial.trial": spec.trial}
    with (
        Engine(labels, kit.porter) as engine,
        boxes(spec, kit, engine) as world,
        tree(spec, kit) as gate,
        site_of(spec, kit, engine, world, gate) as site,
    ):
        box = world["sandbox"]
        furnish(spec, kit, box)
        history = History(io.StringIO(), time.monotonic)
        nemesis = Cycling(site, box, history, gate)
        session = Session(spec.task, box, nemesis, history, lambda _: "", threading.Event(), gate)
        with contextlib.closing(session):
            session.open()
            nemesis.lend(session.replay)
            nemesis.start()
            session.hand_over()
            for command in spec.task.solution:
                if nemesis.answers:
                    break
                session.do(command)
        return nemesis.answers
