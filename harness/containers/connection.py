"""The connection to the Docker engine: the one that every Docker program of this user talks to."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import docker
import docker.errors
import requests
import requests.exceptions
from docker.context import ContextAPI
from docker.utils import kwargs_from_env

from harness.errors import HarnessError

TROUBLE = (docker.errors.DockerException, requests.exceptions.RequestException)
"""What the SDK raises when the engine, or the way to it, fails."""

PATIENCE = 5.0
"""How long a connection to an engine elsewhere may take, in seconds."""

REMEDY = """\
Docker Desktop, Colima: start it
podman, or an engine elsewhere: set DOCKER_HOST
Debian, Ubuntu: `apt-get install docker.io`; in a checkout of this project `make set-up`"""


def address(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return where the engine is, as a client's `base_url` and `tls`.

    `DOCKER_HOST` says so, else the context: `DOCKER_CONTEXT`, or the current one.  Raises
    HarnessError where the context does not exist.
    """
    given: dict[str, Any] = {**kwargs_from_env(environment=environment)}
    if "base_url" in given:
        return given
    context = ContextAPI.get_context(environment.get("DOCKER_CONTEXT"))
    if context is None:
        raise HarnessError(
            "Docker's context does not exist; `docker context ls` shows those that do"
        )
    return {"base_url": context.Host, "tls": context.TLSConfig or False}


def find(timeout: int = 120) -> docker.APIClient | None:
    """Return a connection to the engine, None where it does not answer; close it when done.

    `timeout`: seconds that an answer may take once connected.
    """
    where = address()
    if not listening(where["base_url"]):
        return None
    try:
        found = docker.APIClient(**where, version="auto", timeout=timeout, use_ssh_client=True)
    except (docker.errors.DockerException, requests.RequestException, OSError):
        return None
    # No proxy leads to a socket; looking for one in the environment is a fifth of a call.
    found.trust_env = "unix" not in where["base_url"]
    return found


def listening(url: str) -> bool:
    """Say whether a connection is taken there (over ssh we cannot know without trying)."""
    parts = urlsplit(url)
    if parts.scheme == "ssh":
        return True
    try:
        if parts.scheme.endswith("unix"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(parts.path or f"/{parts.netloc}")
        else:
            socket.create_connection((parts.hostname, parts.port or 2375), PATIENCE).close()
    except OSError:
        return False
    return True


def connect(timeout: int = 120) -> docker.APIClient:
    """Return a connection to the engine; close it when done.  Raises HarnessError."""
    found = find(timeout)
    if found is None:
        raise HarnessError(f"no Docker engine answers at {address()['base_url']}\n{REMEDY}")
    return found
