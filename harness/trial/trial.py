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
from harness.containers.connection import TROUBLE
from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec, Probes
from harness.containers.processes import running
from harness.containers.sidecars.exec_filter import ExecFilter, Tree
from harness.containers.sidecars.file_transfer import FileTransfer
from harness.containers.sidecars.model_tunnel import model_tunnel
from harness.containers.sidecars.namespaces import NamespaceSidecars
from harness.containers.stream import Deadline
from harness.errors import HarnessError, SandboxError
from harness.gateway.server import Gateway
from harness.history.events import Begun, Ended, Failed, Stopped
from harness.history.store import TrialFolder
from harness.history.writer import History
from harness.injection.mechanisms.base import InjectionTarget
from harness.injection.nemesis import Nemesis
from harness.models.nouns import Service, TrialSpec, Verdict
from harness.trial import verifier

UID = {"root": 0, "agent": 1000}
"""Who owns what a task brings along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
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
    exec_filter: ExecFilter | None = None
    """None: commands are matched as text only."""
    file_transfer: FileTransfer | None = None
    """None: the engine carries files itself, a program each time."""
    gateway: Gateway | None = None
    """Where the models of agents that are programs of their own are."""

    def image(self, spec: TrialSpec) -> str:
        """Return the image of a trial's sandbox, with the agent in it where it is a program."""
        return self.layers.get((spec.sandbox.id, spec.agent.id), self.images[spec.sandbox.id])


def play(
    spec: TrialSpec, resources: Resources, folder: TrialFolder, stop: threading.Event
) -> Verdict:
    """Run one trial and write its history and, last, its verdict.

    What goes wrong with the harness or its machine makes the trial `invalid`.  When `stop` is set
    everything made is removed and `Cancelled` raised: the trial has no verdict and can be resumed.
    """
    with folder.events() as stream:
        history = History(stream, time.monotonic)
        try:
            labels = {"harness.run": resources.run, "harness.trial": spec.trial}
            with Engine(labels, resources.file_transfer) as engine:
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


def _begin(spec: TrialSpec, resources: Resources, engine: Engine, history: History) -> None:
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
    engine: Engine,
    history: History,
    stop: threading.Event,
) -> None:
    task = spec.task
    with (
        environment(spec, resources, engine) as world,
        tree(spec, resources) as exec_filter,
        model_endpoint(spec, resources, engine, world["sandbox"]) as line,
        injection_target(spec, resources, engine, world, exec_filter) as found,
    ):
        container = world["sandbox"]
        provision(spec, resources, container.probes)
        before = running(container.probes)
        target = replace(found, channel=line.channel if line else None)
        nemesis = Nemesis(target, container, history, exec_filter)
        nemesis.world |= before.keys()
        with contextlib.closing(
            Session(task, container, nemesis, history, folder.artifact, stop, exec_filter, line)
        ) as session:
            session.open()
            nemesis.attach_shell(session.replay)
            nemesis.start()
            protected = verifier.protected(task, container.probes)
            session.hand_over()
            _act(spec, session, history)
        if exec_filter is not None:
            exec_filter.disarm()
        ground = verifier.Ground(
            engine=engine,
            image=resources.images[task.sandbox],
            task=task,
            folder=resources.task_folders[task.id],
        )
        verifier.check(ground, container, nemesis, history, protected)


def _act(spec: TrialSpec, session: Session, history: History) -> None:
    """Let the agent play until it stops or is cut off."""
    adapter = agents.adapters()[spec.agent.adapter]
    stopped = Stopped(how="ended", word="ended")
    try:
        adapter.play(spec, session)
    except CutOff as limit:
        stopped = Stopped(how="cut-off", word=limit.word, why=str(limit))
    except (HarnessError, *TROUBLE):
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        if not _the_agents(error):
            raise HarnessError(why) from error
        stopped = Stopped(how="crashed", word="crashed", why=why)
    history.add(stopped)


def _the_agents(error: Exception) -> bool:
    """Say whether an error came out of the agent: out of its adapter or what that called."""
    frames = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    ours = [name for name in frames if name.startswith("harness.")]
    return bool(ours) and ours[-1].startswith("harness.agents.")


# --- the world of a trial ------------------------------------------------------------------


@contextlib.contextmanager
def tree(spec: TrialSpec, resources: Resources) -> Iterator[Tree | None]:
    """Watch the agent's processes at the exec filter for the length of a `with`."""
    if resources.exec_filter is None:
        yield None
        return
    kind = spec.fault.settings.get("kind") if spec.fault.mechanism == "exec_filter" else None
    with contextlib.closing(resources.exec_filter.tree([kind] if kind else [])) as made:
        yield made


@contextlib.contextmanager
def model_endpoint(
    spec: TrialSpec, resources: Resources, engine: Engine, container: DockerContainer
) -> Iterator[Line | None]:
    """Lead the agent to its model for the length of a `with`, if it has one at the gateway."""
    where = agents.endpoint_of(spec.agent)
    if resources.gateway is None or where is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        model = agents.adapters()[spec.agent.adapter].model_of(spec.agent)
        channel = stack.enter_context(resources.gateway.channel(model))
        if where == "host":
            host, port = resources.gateway.address
            yield Line(url=f"http://{host}:{port}", channel=channel)
            return
        opened = model_tunnel(
            engine, resources.images["helpers"], container, resources.gateway.address
        )
        way = stack.enter_context(opened)
        yield Line(url=way.url, channel=channel, intact=way.check)


@contextlib.contextmanager
def environment(
    spec: TrialSpec, resources: Resources, engine: Engine
) -> Iterator[dict[str, DockerContainer]]:
    """Run the task's containers, services first, for the length of a `with`.

    The agent's is `sandbox`; the others have their services' names.
    """
    task = spec.task
    with contextlib.ExitStack() as stack:
        world: dict[str, DockerContainer] = {}
        network = {"none": "loopback", "egress": "bridge"}.get(task.network)
        if network is None:
            network = stack.enter_context(engine.network(_network_name()))
        for name, service in task.services.items():
            container_spec = ContainerSpec(
                name=f"{task.id}: service {name}",
                network=network,
                aliases=(name, *service.aliases),
                limits=task.limits,
            )
            world[name] = stack.enter_context(
                engine.container(resources.images[service.sandbox], container_spec)
            )
            serve(service, world[name].probes, resources.task_folders[task.id])
        container_spec = ContainerSpec(
            name=task.id, network=network, user=spec.sandbox.user, limits=task.limits
        )
        world["sandbox"] = stack.enter_context(
            engine.container(resources.image(spec), container_spec)
        )
        yield world


def _network_name() -> str:
    """Return a name that says nothing (the engine shows it to nobody inside)."""
    import secrets  # noqa: PLC0415

    return f"net-{secrets.token_hex(6)}"


def serve(service: Service, probes: Probes, folder: Path) -> None:
    """Start a service and wait until it is ready."""
    probes.put(joined([packed(folder / here, there) for here, there in service.files.items()]))
    probes.script(
        f"setsid bash -c '{_escaped(service.command)}' </dev/null >/dev/null 2>&1 &", "start"
    )
    deadline = Deadline(20)
    while probes.ask(service.ready, seconds=5).exit_code != 0:
        if deadline.passed():
            probes.script(service.ready, "the service did not become ready within 20 s")
        time.sleep(0.05)


def _escaped(text: str) -> str:
    return text.replace("'", "'\\''")


def provision(spec: TrialSpec, resources: Resources, probes: Probes) -> None:
    """Bring the task's files in and run its setup."""
    task, uid = spec.task, UID[spec.sandbox.user]
    folder = resources.task_folders[task.id]
    probes.put(joined([packed(folder / src, dst, uid=uid) for src, dst in task.files.items()]))
    probes.script(
        f"[ -d '{task.workdir}' ] || install -d -o {uid} -g {uid} '{task.workdir}'", "workdir"
    )
    if task.setup is not None:
        probes.script(f"set -e\n{task.setup}", "setup")


@contextlib.contextmanager
def injection_target(
    spec: TrialSpec,
    resources: Resources,
    engine: Engine,
    world: Mapping[str, DockerContainer],
    exec_filter: Tree | None = None,
) -> Iterator[InjectionTarget]:
    """Lend where the trial's fault strikes, and what its mechanism may use, for a `with`."""
    where = spec.fault.where
    if where not in world:
        raise HarnessError(f"{spec.fault.id}: strikes {where}, which {spec.task.id} does not have")
    sidecars = NamespaceSidecars(
        engine=engine, image=resources.images["helpers"], container=world[where]
    )
    with contextlib.closing(sidecars):
        yield InjectionTarget(
            fault=spec.fault,
            container=world[where],
            user=spec.sandbox.user if where == "sandbox" else "root",
            assets=resources.assets.get(spec.fault.id),
            exec_filter=exec_filter,
            sidecars=sidecars,
            fetch=lambda sandbox, path: engine.fetch(resources.images[sandbox], path),
        )
