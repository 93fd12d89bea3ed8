"""From a plan to what its trials share: the images it needs, built, and where the data lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import docker

from harness import images
from harness.container import TROUBLE
from harness.errors import HarnessError
from harness.library import Library
from harness.models import Spec
from harness.trial import Kit


def kit(library: Library, specs: Sequence[Spec], run: str, say: Callable[[str], None]) -> Kit:
    """Build what is missing and return the kit; `run` is the label of what trials make."""
    folders = library.folders
    try:
        client = docker.from_env(timeout=600)
    except TROUBLE as error:
        raise HarnessError(
            f"no Docker engine answers ({error}); `harness doctor --fix` can start one"
        ) from None
    try:
        tags = images.ensure(client, library.sandboxes, folders["sandbox"], needed(specs), say)
    finally:
        client.close()
    assets = {name: path for name in library.faults if (path := library.assets(name)) is not None}
    return Kit(images=tags, task_folders=folders["task"], assets=assets, run=run)


def needed(specs: Sequence[Spec]) -> list[str]:
    """Return the ids of all sandboxes that these trials start or take parts from."""
    names = {spec.sandbox.id for spec in specs}
    names |= {service.sandbox for spec in specs for service in spec.task.services.values()}
    names |= {str(s) for spec in specs if (s := spec.fault.settings.get("image"))}
    names |= {"parts"} & {"parts" for spec in specs if spec.fault.mechanism == "parts"}
    return sorted(names)
