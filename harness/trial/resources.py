"""From a plan to what its trials share: the images it needs, built, and where the data lies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.agents import endpoint_of, image_layer_of, install
from harness.containers import connection
from harness.containers.engine import Engine
from harness.containers.images import build
from harness.containers.sidecars.exec_filter import (
    ExecFilter,
    exec_filter_problem,
    open_exec_filter,
)
from harness.containers.sidecars.file_transfer import FileTransfer, open_file_transfer
from harness.gateway.server import Gateway, serve
from harness.injection.mechanisms import needs
from harness.library.library import Library
from harness.models.trial import TrialSpec

PER_CPU = 2
"""Trials that a processor carries: most of a trial is waiting for the engine."""


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


def prepare(
    library: Library, specs: Sequence[TrialSpec], run: str, say: Callable[[str], None]
) -> Resources:
    """Build what is missing; `run` is the label of what trials make."""
    folders = library.folders
    with contextlib.closing(connection.connect(timeout=600)) as api:
        tags = build.ensure(
            api, library.sandboxes, folders["sandbox"], needed_sandboxes(specs), say
        )
    layers = dict(_layers(specs, tags, say))
    assets = {name: path for name in library.faults if (path := library.assets(name)) is not None}
    return Resources(
        images=tags, task_folders=folders["task"], assets=assets, run=run, layers=layers
    )


def _layers(
    specs: Sequence[TrialSpec], tags: Mapping[str, str], say: Callable[[str], None]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Build the sandboxes with an agent in them; yield ((sandbox id, agent id), image)."""
    for sandbox, agent in {(s.sandbox.id, s.agent.id): s.agent for s in specs}.items():
        recipe = image_layer_of(agent)
        if recipe is not None:
            yield sandbox, install.ensure(tags[sandbox[0]], recipe, say)


@contextlib.contextmanager
def with_gateway(made: Resources, specs: Sequence[TrialSpec]) -> Iterator[Resources]:
    """Open the model gateway for the length of a `with`, if an agent needs it."""
    if not any(endpoint_of(spec.agent) for spec in specs):
        yield made
        return
    with serve(Gateway()) as gateway:
        yield replace(made, gateway=gateway)


@contextlib.contextmanager
def with_helpers(
    made: Resources, specs: Sequence[TrialSpec], say: Callable[[str], None]
) -> Iterator[Resources]:
    """Add the helpers for the length of a `with`, where the engine can have them.

    They are the file transfer and the exec filter.
    """
    image, sandbox = made.images[HELPERS], made.images[specs[0].sandbox.id]
    with (
        Engine({"harness.run": made.run}) as engine,
        open_file_transfer(engine, image) as carrier,
    ):
        made = replace(made, file_transfer=carrier)
        if carrier is None:
            say("no file transfer here: files go by the engine's own API, which is slower")
        why = exec_filter_problem(engine, image, sandbox)
        if why is not None:
            say(f"no exec filter here ({why}): commands are matched as text only")
            yield made
            return
        with open_exec_filter(engine, image) as exec_filter:
            yield replace(made, exec_filter=exec_filter)


HELPERS = "helpers"
"""The sandbox id of the exec filter's image."""


def needed_sandboxes(specs: Sequence[TrialSpec]) -> list[str]:
    """Return the ids of all sandboxes that these trials start or take parts from."""
    names = {HELPERS, *(spec.sandbox.id for spec in specs)}
    names |= {service.sandbox for spec in specs for service in spec.task.services.values()}
    names |= {image for spec in specs for image in needs(spec.fault).images}
    return sorted(names)
