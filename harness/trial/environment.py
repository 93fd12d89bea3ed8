"""The environment of one trial: its containers, the task's files, the fault's target, the model.

Each is a context manager: what it makes is gone at the end of its `with`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness import agents
from harness.agents.launching import ModelEndpoint
from harness.containers.archive import join, pack
from harness.containers.ports import Container, ContainerEngine, ContainerSpec, Probes
from harness.containers.sidecars.exec_filter import Tree
from harness.containers.sidecars.model_tunnel import model_tunnel
from harness.containers.sidecars.namespaces import NamespaceSidecars
from harness.containers.stream import Deadline
from harness.errors import HarnessError
from harness.injection.mechanisms import needs
from harness.injection.mechanisms.base import InjectionTarget
from harness.injection.watch import kinds_of
from harness.models.task import Service
from harness.models.trial import TrialSpec
from harness.trial.resources import Resources

UID = {"root": 0, "agent": 1000}
"""The owner of what a task brings along."""


@contextlib.contextmanager
def tree(spec: TrialSpec, resources: Resources) -> Iterator[Tree | None]:
    """Watch the agent's processes at the exec filter for the length of a `with`."""
    if resources.exec_filter is None:
        yield None
        return
    kinds = {*needs(spec.fault).exec_filter, *kinds_of(spec.fault.when)}
    with contextlib.closing(resources.exec_filter.tree(sorted(kinds))) as made:
        yield made


@contextlib.contextmanager
def model_endpoint(
    spec: TrialSpec, resources: Resources, engine: ContainerEngine, container: Container
) -> Iterator[ModelEndpoint | None]:
    """Lead the agent to its model for the length of a `with`, if it has one at the gateway."""
    if resources.gateway is None or (where := agents.endpoint_of(spec.agent)) is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        model = agents.adapters()[spec.agent.adapter].model_of(spec.agent)
        channel = stack.enter_context(resources.gateway.channel(model))
        if where == "host":
            host, port = resources.gateway.address
            yield ModelEndpoint(url=f"http://{host}:{port}", channel=channel)
            return
        opened = model_tunnel(
            engine, resources.images["helpers"], container, resources.gateway.address
        )
        way = stack.enter_context(opened)
        yield ModelEndpoint(url=way.url, channel=channel, intact=way.check)


@contextlib.contextmanager
def environment(
    spec: TrialSpec, resources: Resources, engine: ContainerEngine
) -> Iterator[dict[str, Container]]:
    """Run the task's containers, services first, for the length of a `with`.

    The agent's is `sandbox`; the others have their services' names.
    """
    task = spec.task
    with contextlib.ExitStack() as stack:
        world: dict[str, Container] = {}
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
    """Return a name that says nothing (the engine does not show it inside)."""
    import secrets  # noqa: PLC0415

    return f"net-{secrets.token_hex(6)}"


def serve(service: Service, probes: Probes, folder: Path) -> None:
    """Start a service and wait until it is ready."""
    probes.put(join([pack(folder / here, there) for here, there in service.files.items()]))
    # In a session of its own: when a script times out, its shell's whole session is killed.
    probes.script(
        f"setsid bash -c '{_escape(service.command)}' </dev/null >/dev/null 2>&1 &", "start"
    )
    deadline = Deadline(20)
    while probes.ask(service.ready, seconds=5).exit_code != 0:
        if deadline.passed():
            probes.script(service.ready, "the service did not become ready within 20 s")
        time.sleep(0.05)


def _escape(text: str) -> str:
    return text.replace("'", "'\\''")


def provision(spec: TrialSpec, resources: Resources, probes: Probes) -> None:
    """Bring the task's files in and run its setup."""
    task, uid = spec.task, UID[spec.sandbox.user]
    folder = resources.task_folders[task.id]
    probes.put(join([pack(folder / src, dst, uid=uid) for src, dst in task.files.items()]))
    probes.script(
        f"[ -d '{task.workdir}' ] || install -d -o {uid} -g {uid} '{task.workdir}'", "workdir"
    )
    if task.setup is not None:
        probes.script(f"set -e\n{task.setup}", "setup")


@contextlib.contextmanager
def injection_target(
    spec: TrialSpec,
    resources: Resources,
    engine: ContainerEngine,
    world: Mapping[str, Container],
    exec_filter: Tree | None = None,
) -> Iterator[InjectionTarget]:
    """Lend where the trial's fault is injected, and what its mechanism may use, for a `with`."""
    where = spec.fault.where
    if where not in world:
        raise HarnessError(f"{spec.fault.id}: needs {where}, which {spec.task.id} does not have")
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
