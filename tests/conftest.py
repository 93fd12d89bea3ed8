"""What container tests share: the engine, the built images, and a running sandbox.

Nothing here skips: without an engine these tests fail, and say what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.containers.container import DockerContainer

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")  # how fast a machine is, is no property of the code


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Return a connection to the Docker engine."""
    with Engine({"harness.run": "tests"}) as connection:
        yield connection


@pytest.fixture(scope="session")
def images(engine: Engine) -> Mapping[str, str]:
    """Return the image of each of the package's own sandboxes, built if need be."""
    from harness.containers.images import build as image_builder  # noqa: PLC0415 - pure tests can do without
    from harness.library.load import gather, own_root  # noqa: PLC0415

    entries = [e for e in gather([own_root()]).entries if e.kind == "sandbox"]
    sandboxes = {entry.id: entry.model for entry in entries}
    folders = {entry.id: entry.path.parent for entry in entries}
    return image_builder.ensure(engine.api, sandboxes, folders, list(sandboxes))


@pytest.fixture(scope="session")
def container(engine: Engine, images: Mapping[str, str]) -> Iterator[DockerContainer]:
    """Return a running workbench, shared by all tests: leave no process behind in it."""
    with engine.container(images["workbench"], ContainerSpec(name="tests")) as running:
        yield running


@pytest.fixture(scope="session")
def userland(engine: Engine, images: Mapping[str, str]) -> Iterator[DockerContainer]:
    """Return a running workbench whose agent is an ordinary user, shared by all tests."""
    with engine.container(images["userland"], ContainerSpec(name="tests", user="agent")) as running:
        yield running
