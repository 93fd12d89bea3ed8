"""One trial from the container's start to the verdict.  The module to read first.

containers up (environment.py) -> setup -> the fault, if it is there from the start
files become as old as the story (ages.py) -> hand-over
the agent plays: the nemesis looks at each command before it runs (agents/session.py)
verify: the agent's processes die -> present? -> unharmed? -> solved? (verifier.py)
verdict = judge(spec, history)
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from harness import __version__, agents
from harness.agents.allowance import CutOff, StopSignal
from harness.agents.session import Session
from harness.analysis.verdict import judge
from harness.containers.connection import TROUBLE
from harness.containers.engine import Engine
from harness.containers.ports import Container, ContainerEngine, Probes
from harness.containers.processes import list_processes
from harness.containers.sidecars.exec_filter import Tree
from harness.containers.sidecars.file_transfer import FileTransfer
from harness.errors import HarnessError, SandboxError
from harness.history.events import Begun, Ended, Failed, Stopped
from harness.history.store import TrialFolder
from harness.history.writer import History
from harness.injection.company import Company
from harness.injection.mechanisms.base import InjectionTarget
from harness.injection.nemesis import Nemesis
from harness.injection.protected import Protected
from harness.models.trial import TrialSpec
from harness.models.verdict import Verdict
from harness.trial import verifier
from harness.trial.ages import Ages
from harness.trial.environment import (
    environment,
    injection_target,
    model_endpoint,
    provision,
    tree,
)
from harness.trial.resources import PER_CPU, Resources

Connect = Callable[
    [Mapping[str, str], FileTransfer | None], AbstractContextManager[ContainerEngine]
]
"""(labels of all that is made, what carries files) -> the engine, for the length of a `with`."""

_MAKING = threading.BoundedSemaphore(PER_CPU * (os.cpu_count() or 1))
"""Environments that are made at once, however many are at work: to make one takes a processor."""


def play(
    spec: TrialSpec,
    resources: Resources,
    folder: TrialFolder,
    stop: StopSignal,
    *,
    connect: Connect = Engine,
    clock: Callable[[], float] = time.monotonic,
) -> Verdict:
    """Run one trial and write its history and, last, its verdict.

    What goes wrong with the harness or its machine makes the trial `invalid`.  When `stop` is set
    everything made is removed and `Cancelled` raised: the trial has no verdict and can be resumed.
    `clock` returns seconds.
    """
    with folder.events() as stream:
        history = History(stream, clock)
        try:
            labels = {"harness.run": resources.run, "harness.trial": spec.trial}
            with connect(labels, resources.file_transfer) as engine:
                _begin(spec, resources, engine, history)
                _play(spec, resources, folder, engine, history, stop)
        except (HarnessError, *TROUBLE) as error:
            word = error.word if isinstance(error, HarnessError) else SandboxError.word
            kind = type(error).__name__
            history.add(Failed(error=kind, word=word, message=str(error)))
        history.add(Ended())
        events = history.events
    verdict = judge(spec, events)
    folder.finish(verdict)
    return verdict


def _begin(
    spec: TrialSpec, resources: Resources, engine: ContainerEngine, history: History
) -> None:
    history.add(
        Begun(
            harness=__version__,
            engine=engine.version(),
            image=resources.images[spec.sandbox.id],
            exec_filter="seccomp" if resources.exec_filter is not None else "text",
        )
    )


def _play(
    spec: TrialSpec,
    resources: Resources,
    folder: TrialFolder,
    engine: ContainerEngine,
    history: History,
    stop: StopSignal,
) -> None:
    task = spec.task
    with contextlib.ExitStack() as stack:
        with _MAKING:
            made = stage(spec, resources, engine, history, folder.artifact, stop)
            ready = stack.enter_context(made)
        with contextlib.closing(ready.session):
            ready.nemesis.protected.take()
            ready.session.hand_over()
            _act(spec, ready.session, history)
        if ready.exec_filter is not None:
            ready.exec_filter.disarm()  # a daemon of the goal lives on, and is looked at
        ground = verifier.Ground(
            engine=engine,
            image=resources.images[task.sandbox],
            task=task,
            folder=resources.task_folders[task.id],
        )
        verifier.check(ground, ready.container, ready.nemesis, history)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What acts in a trial, ready for the hand-over."""

    container: Container
    exec_filter: Tree | None
    nemesis: Nemesis
    session: Session


@contextlib.contextmanager
def stage(
    spec: TrialSpec,
    resources: Resources,
    engine: ContainerEngine,
    history: History,
    artifact: Callable[[bytes], str],
    stop: StopSignal,
    instead: Callable[[InjectionTarget], None] | None = None,
) -> Iterator[Stage]:
    """Make a trial ready: its containers, its files, and the fault if it is there from the start.

    `artifact` stores bytes and returns their sha256; `instead` takes the injection's place.
    """
    with (
        environment(spec, resources, engine) as world,
        tree(spec, resources) as exec_filter,
        model_endpoint(spec, resources, engine, world["sandbox"]) as endpoint,
        injection_target(spec, resources, engine, world, exec_filter) as found,
    ):
        container = world["sandbox"]
        company = Company(container.probes, history, spec.seed)
        ages = _furnish(spec, resources, container.probes, company)
        before = list_processes(container.probes)
        channel = endpoint.channel if endpoint else None
        target = replace(found, channel=channel, company=company)
        protected = Protected(spec.task.protect, spec.fault, container.probes)
        nemesis = Nemesis(target, container, history, protected, exec_filter, instead)
        nemesis.world |= before.keys()
        with contextlib.closing(
            Session(spec.task, container, nemesis, history, artifact, stop, exec_filter, endpoint)
        ) as session:
            session.open()
            nemesis.attach_shell(session.replay)
            nemesis.start()
            _settle(spec, ages, company)
            yield Stage(
                container=container, exec_filter=exec_filter, nemesis=nemesis, session=session
            )


def _furnish(spec: TrialSpec, resources: Resources, probes: Probes, company: Company) -> Ages:
    """Bring in people and the task's files; make those as old as the story."""
    ages = Ages(probes, spec.task.workdir, spec.task.since, spec.seed)
    company.open_accounts()
    provision(spec, resources, probes)
    ages.settle()
    return ages


def _settle(spec: TrialSpec, ages: Ages, company: Company) -> None:
    """Make what is there from the start as old as the rest; let people be at work since today."""
    if spec.fault.when.kind == "start" and not spec.fault.control:
        ages.settle()
    company.settle_in()


def _act(spec: TrialSpec, session: Session, history: History) -> None:
    """Let the agent play until it stops or is cut off."""
    adapter = agents.adapters()[spec.agent.adapter]
    stopped = Stopped(how="ended", word="ended")
    try:
        adapter.play(spec, session)
    except CutOff as limit:
        stopped = Stopped(how="cut-off", word=limit.word, why=str(limit))
    except HarnessError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - an adapter may fail in any way
        why = f"{type(error).__name__}: {error}"
        stopped = Stopped(how="crashed", word="crashed", why=why)
    if session.failure is not None:
        raise session.failure  # the adapter may have caught it
    history.add(stopped)
