"""From a plan to what its trials share: the images it needs, built, and where the data lies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from harness.agents import install, layer_of, line_of
from harness.containers import host
from harness.containers.engine import Engine
from harness.containers.images import build
from harness.containers.sidecars import exec_filter, file_transfer
from harness.gateway.server import Gateway, serving
from harness.library.library import Library
from harness.models.nouns import Spec
from harness.trial.trial import Kit


def kit(library: Library, specs: Sequence[Spec], run: str, say: Callable[[str], None]) -> Kit:
    """Build what is missing and return the kit; `run` is the label of what trials make."""
    folders = library.folders
    with contextlib.closing(host.connect(timeout=600)) as api:
        tags = build.ensure(api, library.sandboxes, folders["sandbox"], needed(specs), say)
    layers = dict(_layers(specs, tags, say))
    assets = {name: path for name in library.faults if (path := library.assets(name)) is not None}
    return Kit(images=tags, task_folders=folders["task"], assets=assets, run=run, layers=layers)


def _layers(
    specs: Sequence[Spec], tags: Mapping[str, str], say: Callable[[str], None]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Build the sandboxes with an agent in them; yield ((sandbox id, agent id), image)."""
    for sandbox, agent in {(s.sandbox.id, s.agent.id): s.agent for s in specs}.items():
        recipe = layer_of(agent)
        if recipe is not None:
            yield sandbox, install.ensure(tags[sandbox[0]], recipe, say)


@contextlib.contextmanager
def served(made: Kit, specs: Sequence[Spec]) -> Iterator[Kit]:
    """Open the model gateway for the length of a `with`, if an agent needs it."""
    if not any(line_of(spec.agent) for spec in specs):
        yield made
        return
    with serving(Gateway()) as gateway:
        yield replace(made, gateway=gateway)


@contextlib.contextmanager
def gated(made: Kit, specs: Sequence[Spec], say: Callable[[str], None]) -> Iterator[Kit]:
    """Give the kit its helpers for the length of a `with`, where the engine can have them.

    They are a porter of files and a command gate.
    """
    image, sandbox = made.images[GATE], made.images[specs[0].sandbox.id]
    with (
        Engine({"harness.run": made.run}) as engine,
        file_transfer.opened(engine, image) as carrier,
    ):
        made = replace(made, porter=carrier)
        if carrier is None:
            say("no porter here: files go by the engine's own API, which is slower")
        why = exec_filter.lacking(engine, image, sandbox)
        if why is not None:
            say(f"no command gate here ({why}): commands are matched as text only")
            yield made
            return
        with exec_filter.opened(engine, image) as gate:
            yield replace(made, gate=gate)


GATE = "gate"
"""The sandbox id of the command gate's image."""


def needed(specs: Sequence[Spec]) -> list[str]:
    """Return the ids of all sandboxes that these trials start or take parts from."""
    names = {GATE, *(spec.sandbox.id for spec in specs)}
    names |= {service.sandbox for spec in specs for service in spec.task.services.values()}
    names |= {str(s) for spec in specs if (s := spec.fault.settings.get("image"))}
    names |= {"parts"} & {"parts" for spec in specs if spec.fault.mechanism == "parts"}
    return sorted(names)
