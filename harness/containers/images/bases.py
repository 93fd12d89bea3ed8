"""The images that sandboxes start from: found under their own name or a stand-in's, or pulled."""

from __future__ import annotations

import re
from collections.abc import Callable

import docker
import docker.errors
import requests

from harness.errors import HarnessError

PATIENCE = 8
"""Seconds that a registry may be silent before we go on without it."""

REMEDY = """\
the image {name} is not here and cannot be pulled ({problem});
bring it by `docker pull {name}` or `docker load`
another image that serves as well: `docker tag IMAGE {stand_in}`
on Debian or Ubuntu `scripts/base-image`, in a checkout of this project, makes one from packages"""


def bring(api: docker.APIClient, name: str, say: Callable[[str], None]) -> str:
    """Return the name of an image that serves as `name`, which is there when this returns."""
    for candidate in (name, stand_in(name)):
        if has(api, candidate):
            return candidate
    say(f"pulling {name}")
    problem = pull(api, name)
    if problem is not None:
        raise HarnessError(REMEDY.format(name=name, problem=problem, stand_in=stand_in(name)))
    return name


def stand_in(name: str) -> str:
    """Return the tag under which an image stands in for one that cannot be pulled.

    >>> stand_in("debian:bookworm-slim")
    'recovery-harness/base:debian-bookworm-slim'
    """
    return f"recovery-harness/base:{re.sub('[/:@]', '-', name)}"


def has(api: docker.APIClient, name: str) -> bool:
    """Say whether the engine has an image of this name."""
    try:
        api.inspect_image(name)  # type: ignore[no-untyped-call]
    except docker.errors.ImageNotFound:
        return False
    return True


def pull(api: docker.APIClient, name: str) -> str | None:
    """Pull an image; return what went wrong, None if nothing did."""
    usual = api.timeout
    api.timeout = PATIENCE
    try:
        messages = list(api.pull(name, stream=True, decode=True))
    except docker.errors.APIError as error:
        return str(error.explanation or error)
    except requests.RequestException:
        return f"no registry answered within {PATIENCE} s"
    finally:
        api.timeout = usual
    return next((str(message["error"]) for message in messages if "error" in message), None)
