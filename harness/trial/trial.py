"""One trial from the container's start to the verdict.  The module to read first.

container up -> setup -> the fault, if it is there from the start -> hand-over
the agent plays: each command waits at the gate while the nemesis looks (session.py)
check: the agent's processes die -> present? -> unharmed? -> solved? (checker.py)
verdict = judge(spec, history)
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import walk_tb

from harness import __version__, agents
from harness.agents.session import CutOff, Line, Session
from harness.analysis.verdict import judge
from harness.containers.archive import joined, packed
from harness.containers.container import TROUBLE, Box, Wish
from harness.containers.engine import Engine
from harness.containers.processes import running
from harness.containers.sidecars.exec_filter import CommandGate, Tree
from harness.containers.sidecars.file_transfer import Porter
from harness.containers.sidecars.model_tunnel import lifeline
from harness.containers.sidecars.namespaces import Beside
from harness.containers.stream import Deadline
from harness.errors import HarnessError, SandboxError
from harness.gateway.server import Gateway
from harness.history.history import History
from harness.history.store import TrialFolder
from harness.injection.mechanisms.base import Site
from harness.injection.nemesis import Nemesis
from harness.models.nouns import Service, Spec, Verdict
from harness.trial import verifier

UID = {"root": 0, "agent": 1000}
"""Who owns what a task brings along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What trials share: built images and where the data lies."""

    images: Mapping[str, str]
    """sandbox id -> image"""
    task_folders: Mapping[str, Path]
    assets: Mapping[str, Path]
    """fault id -> the folder beside its file, for those that have one"""
    run: str
    """The run's name, for labels."""
    layers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(sandbox id, agent id) -> image, for agents that are installed in the sandbox"""
    gate: CommandGate | None = None
    """None: commands are matched as text only."""
    porter: Porter | None = None
    """None: the engine carries files itself, a program each time."""
    gateway: Gateway | None = None
    """Where the models of agents that are programs of their own are."""

    def image(self, spec: Spec) -> str:
        """Return the image of a trial's sandbox, with the agent in it where it is a program."""
        return self.layers.get((spec.sandbox.id, spec.agent.id), self.images[spec.sandbox.id])


def play(spec: Spec, kit: Kit, folder: TrialFolder, stop: threading.Event) -> Verdict:
    """Run one trial and write its history and, last, its verdict.

    What goes wrong with the harness or its machine makes the trial `invalid`.  When `stop` is set
    everything made is removed and `Cancelled` raised: the trial has no verdict and can be resumed.
    """
    with folder.events() as stream:
        history = History(stream, time.monotonic)
        try:
            labels = {"harness.run": kit.run, "harness.trial.trial": spec.trial}
            with Engine(labels, kit.porter) as engine:
                _begin(spec, kit, engine, history)
                _play(spec, kit, folder, engine, history, stop)
        except (HarnessError, *TROUBLE) as error:
            word = error.word if isinstance(error, HarnessError) else SandboxError.word
            kind = type(error).__name__
            history.add("harness", "failed", error=kind, word=word, message=str(error))
        history.add("harness", "ended")
        events = history.events
    verdict = judge(spec, events)
    folder.finish(verdict)
    return verdict


def _begin(spec: Spec, kit: Kit, engine: Engine, history: History) -> None:
    history.add(
        "harness",
        "begun",
        harness=__version__,
        engine=engine.version(),
        image=kit.images[spec.sandbox.id],
        gate="seccomp" if kit.gate is not None else "text",
    )


def _play(
    spec: Spec,
    kit: Kit,
    folder: TrialFolder,
    engine: Engine,
    history: History,
    stop: threading.Event,
) -> None:
    task = spec.task
    with (
        boxes(spec, kit, engine) as world,
        tree(spec, kit) as gate,
        lined(spec, kit, engine, world["sandbox"]) as line,
        site_of(spec, kit, engine, world, gate) as found,
    ):
        box = world["sandbox"]
        furnish(spec, kit, box)
        before = running(box)
        site = replace(found, desk=line.desk if line else None)
        nemesis = Nemesis(site, box, history, gate)
        nemesis.world |= before.keys()
        with contextlib.closing(
            Session(task, box, nemesis, history, folder.artifact, stop, gate, line)
        ) as session:
            session.open()
            nemesis.lend(session.replay)
            nemesis.start()
            protected = verifier.protected(task, box)
            session.hand_over()
            _act(spec, session, history)
        if gate is not None:
            gate.disarm()
        ground = verifier.Ground(
            engine=engine,
            image=kit.images[task.sandbox],
            task=task,
            folder=kit.task_folders[task.id],
        )
        verifier.check(ground, box, nemesis, history, protected)


def _act(spec: Spec, session: Session, history: History) -> None:
    """Let the agent play until it stops or is cut off."""
    adapter = agents.adapters()[spec.agent.adapter]
    how, why, word = "ended", "", "ended"
    try:
        adapter.play(spec, session)
    except CutOff as limit:
        how, why, word = "cut-off", str(limit), limit.word
    except (HarnessError, *TROUBLE):
        raise
    except Exception as error:
        how, why, word = "crashed", f"{type(error).__name__}: {error}", "crashed"
        if not _the_agents(error):
            raise HarnessError(why) from error
    history.add("agent", "stopped", how=how, word=word, why=why)


def _the_agents(error: Exception) -> bool:
    """Say whether an error came out of the agent: out of its adapter or what that called."""
    frames = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    ours = [name for name in frames if name.startswith("harness.")]
    return bool(ours) and ours[-1].startswith("harness.agents.")


# --- the world of a trial ------------------------------------------------------------------


@contextlib.contextmanager
def tree(spec: Spec, kit: Kit) -> Iterator[Tree | None]:
    """Watch the agent's processes at the command gate for the length of a `with`."""
    if kit.gate is None:
        yield None
        return
    kind = spec.fault.settings.get("kind") if spec.fault.mechanism == "gate" else None
    with contextlib.closing(kit.gate.tree([kind] if kind else [])) as made:
        yield made


@contextlib.contextmanager
def lined(spec: Spec, kit: Kit, engine: Engine, box: Box) -> Iterator[Line | None]:
    """Lead the agent to its model for the length of a `with`, if it has one at the gateway."""
    where = agents.line_of(spec.agent)
    if kit.gateway is None or where is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        model = agents.adapters()[spec.agent.adapter].model_of(spec.agent)
        desk = stack.enter_context(kit.gateway.desk(model))
        if where == "host":
            host, port = kit.gateway.address
            yield Line(url=f"http://{host}:{port}", desk=desk)
            return
        opened = lifeline(engine, kit.images["gate"], box, kit.gateway.address)
        way = stack.enter_context(opened)
        yield Line(url=way.url, desk=desk, intact=way.check)


@contextlib.contextmanager
def boxes(spec: Spec, kit: Kit, engine: Engine) -> Iterator[dict[str, Box]]:
    """Run the task's containers, services first, for the length of a `with`.

    The agent's is `sandbox`; the others have their services' names.
    """
    task = spec.task
    with contextlib.ExitStack() as stack:
        world: dict[str, Box] = {}
        network = {"none": "alone", "egress": "bridge"}.get(task.network)
        if network is None:
            network = stack.enter_context(engine.network(_network_name()))
        for name, service in task.services.items():
            wish = Wish(
                name=f"{task.id}: service {name}",
                network=network,
                aliases=(name, *service.aliases),
                limits=task.limits,
            )
            world[name] = stack.enter_context(engine.box(kit.images[service.sandbox], wish))
            serve(service, world[name], kit.task_folders[task.id])
        wish = Wish(name=task.id, network=network, user=spec.sandbox.user, limits=task.limits)
        world["sandbox"] = stack.enter_context(engine.box(kit.image(spec), wish))
        yield world


def _network_name() -> str:
    """Return a name that says nothing (the engine shows it to nobody inside)."""
    import secrets  # noqa: PLC0415

    return f"net-{secrets.token_hex(6)}"


def serve(service: Service, box: Box, folder: Path) -> None:
    """Start a service and wait until it is ready."""
    box.put(joined([packed(folder / here, there) for here, there in service.files.items()]))
    box.script(
        f"setsid bash -c '{_escaped(service.command)}' </dev/null >/dev/null 2>&1 &", "start"
    )
    deadline = Deadline(20)
    while box.ask(service.ready, seconds=5).exit_code != 0:
        if deadline.passed():
            box.script(service.ready, "the service did not become ready within 20 s")
        time.sleep(0.05)


def _escaped(text: str) -> str:
    return text.replace("'", "'\\''")


def furnish(spec: Spec, kit: Kit, box: Box) -> None:
    """Bring the task's files in and run its setup."""
    task, uid = spec.task, UID[spec.sandbox.user]
    folder = kit.task_folders[task.id]
    box.put(joined([packed(folder / src, dst, uid=uid) for src, dst in task.files.items()]))
    box.script(
        f"[ -d '{task.workdir}' ] || install -d -o {uid} -g {uid} '{task.workdir}'", "workdir"
    )
    if task.setup is not None:
        box.script(f"set -e\n{task.setup}", "setup")


@contextlib.contextmanager
def site_of(
    spec: Spec, kit: Kit, engine: Engine, world: Mapping[str, Box], gate: Tree | None = None
) -> Iterator[Site]:
    """Lend where the trial's fault strikes, and what its mechanism may use, for a `with`."""
    where = spec.fault.where
    if where not in world:
        raise HarnessError(f"{spec.fault.id}: strikes {where}, which {spec.task.id} does not have")
    beside = Beside(engine=engine, image=kit.images["gate"], box=world[where])
    with contextlib.closing(beside):
        yield Site(
            fault=spec.fault,
            box=world[where],
            user=spec.sandbox.user if where == "sandbox" else "root",
            assets=kit.assets.get(spec.fault.id),
            gate=gate,
            beside=beside,
            fetch=lambda sandbox, path: engine.fetch(kit.images[sandbox], path),
        )
