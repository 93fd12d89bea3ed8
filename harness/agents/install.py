"""An agent's program is an image layer on the sandbox: seconds once, nothing per trial."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from harness import cache_folder
from harness.containers import connection
from harness.containers.images import bases, build
from harness.errors import HarnessError, InstallFailed

FRAME = """\
ARG BASE
FROM ${{BASE}} AS install
ARG HOST_SETTINGS=
ARG DEBIAN_FRONTEND=noninteractive
RUN eval "$HOST_SETTINGS"; set -eux; apt-get update; \\
    apt-get install -y --no-install-recommends {packages}
RUN eval "$HOST_SETTINGS"; set -eux; {install}

FROM ${{BASE}}
{finish}
"""


def dockerfile(install: str, finish: str, packages: Sequence[str]) -> str:
    """Return the recipe of the layer: `install` runs as root aside, `finish` takes from there.

    `install` is shell text; `finish` is Dockerfile text, such as `COPY --from=install ...`;
    `packages` are the distribution's that `install` needs, a step of their own that agents share.
    """
    words = {"packages": " ".join(packages), "install": " ".join(install.split("\n"))}
    return FRAME.format(**words, finish=finish.strip())


IN_PLACE = """\
ARG BASE
FROM ${{BASE}}
ARG HOST_SETTINGS=
ARG DEBIAN_FRONTEND=noninteractive
RUN eval "$HOST_SETTINGS"; set -eux; {install}
"""


def in_place(install: str) -> str:
    """Return the recipe of a layer where `install`, shell text, runs on the sandbox itself."""
    return IN_PLACE.format(install="; ".join(filter(None, map(str.strip, install.split("\n")))))


def layer(base: str, recipe: str) -> str:
    """Return the image's tag of a sandbox image with an agent on it."""
    digest = hashlib.sha256(f"{base}\0{recipe}".encode()).hexdigest()[:12]
    return f"recovery-harness/agent:{digest}"


def ensure(base: str, recipe: str, say: Callable[[str], None]) -> str:
    """Build the layer if it is missing and return its tag.  `InstallFailed` if it cannot be."""
    tag = layer(base, recipe)
    with contextlib.closing(connection.connect(timeout=600)) as api:
        if not bases.has(api, tag):
            with cache_folder.lock("agent", say), tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "Dockerfile").write_text(recipe, encoding="utf-8")
                try:
                    build.build(api, Path(folder), base, tag, say)
                except HarnessError as error:
                    raise InstallFailed(f"the agent's install failed: {error}") from None
    return tag
