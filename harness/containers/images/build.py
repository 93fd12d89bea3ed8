"""Sandbox images: content-addressed, built once, shared by every trial.

A sandbox is a folder with a `Dockerfile` that begins `ARG BASE` / `FROM ${BASE}`.  Its image's tag
holds a digest of the folder and of what it stands on, so an unchanged sandbox is never built
twice and a changed one is never mistaken for its former self.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import docker.errors
import requests
import tenacity

from harness import cache_folder
from harness.containers.images import bases, build_inputs
from harness.errors import HarnessError, InputError
from harness.models.task import Sandbox

DESCRIPTION = "sandbox.yaml"
"""The sandbox's description: it is no part of the image."""

SILENCE = 1800
"""How long one step of a build may be silent, in seconds."""


def ensure(
    api: docker.APIClient,
    sandboxes: Mapping[str, Sandbox],
    folders: Mapping[str, Path],
    names: Iterable[str],
    say: Callable[[str], None] = print,
) -> dict[str, str]:
    """Build what is missing and return the image's tag for each sandbox named.

    `folders` holds the folder of each sandbox; `say` receives progress, a line a call.  Several
    processes may ask for the same image at once: one builds, the others wait for it.
    """
    tags = {name: tag(sandboxes, folders, name) for name in names}
    try:
        for name in tags:
            _bring(api, sandboxes, folders, name, say)
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise HarnessError(f"the Docker engine failed over an image: {error}") from error
    return tags


def tag(sandboxes: Mapping[str, Sandbox], folders: Mapping[str, Path], name: str) -> str:
    """Return the image's tag of a sandbox, whether or not it is built."""
    return f"recovery-harness/sandbox-{name}:{digest(sandboxes, folders, name)[:12]}"


def digest(sandboxes: Mapping[str, Sandbox], folders: Mapping[str, Path], name: str) -> str:
    """Return the sha256 (hex) of all that decides a sandbox's image: its files and its bases."""
    total = hashlib.sha256()
    for sandbox in lineage(sandboxes, name):
        total.update(_line(sandbox.base))
        for path, executable, content in contents(folders[sandbox.id]):
            total.update(_line(path, executable, hashlib.sha256(content).hexdigest()))
    return total.hexdigest()


def lineage(sandboxes: Mapping[str, Sandbox], name: str) -> list[Sandbox]:
    """Return the sandbox and those it is built on, nearest first.

    Raises InputError where a base is unknown or a sandbox stands on itself.
    """
    chain: list[Sandbox] = []
    wanted: str | None = name
    while wanted is not None:
        if wanted not in sandboxes:
            known = ", ".join(sorted(sandboxes)) or "none"
            raise InputError(f"no sandbox is called {wanted!r}; there are: {known}")
        if sandboxes[wanted] in chain:
            raise InputError(f"the sandbox {wanted!r} stands on itself; change its `base:`")
        chain.append(sandboxes[wanted])
        wanted = parent(chain[-1])
    return chain


def parent(sandbox: Sandbox) -> str | None:
    """Return the sandbox that this one is built on, None where the base is an image."""
    kind, _, name = sandbox.base.partition(":")
    return name if kind == "sandbox" else None


def contents(folder: Path) -> Iterator[tuple[str, bool, bytes]]:
    """Yield (path, executable, content) of each file that goes into the build, in order."""
    for path in sorted(folder.rglob("*")):
        local = path.relative_to(folder).as_posix()
        if path.is_file() and local != DESCRIPTION and "__pycache__" not in path.parts:
            yield local, bool(path.stat().st_mode & 0o100), path.read_bytes()


def context(folder: Path) -> io.BytesIO:
    """Pack a sandbox's files as a build context that depends on nothing but their content."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, executable, content in contents(folder):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            member.mode = 0o755 if executable else 0o644
            archive.addfile(member, io.BytesIO(content))
    packed.seek(0)
    return packed


def _bring(
    api: docker.APIClient,
    sandboxes: Mapping[str, Sandbox],
    folders: Mapping[str, Path],
    name: str,
    say: Callable[[str], None],
) -> str:
    """Return the tag of a sandbox's image after building it, and what it stands on, if need be."""
    wanted = tag(sandboxes, folders, name)
    if bases.has(api, wanted):
        return wanted
    below = parent(sandboxes[name])
    if below is not None:
        base = _bring(api, sandboxes, folders, below, say)
    else:
        base = bases.bring(api, sandboxes[name].base, say)
    with cache_folder.lock(f"sandbox-{name}", say):
        if not bases.has(api, wanted):
            build(api, folders[name], base, wanted, say)
    return wanted


@tenacity.retry(
    retry=tenacity.retry_if_exception_type((HarnessError, requests.RequestException)),
    stop=tenacity.stop_after_attempt(2),
    wait=tenacity.wait_fixed(3),
    reraise=True,
)
def build(
    api: docker.APIClient, folder: Path, base: str, name: str, say: Callable[[str], None]
) -> None:
    """Build an image from a folder; what was built before a failure is not built again."""
    say(f"building {name} on {base}")
    settings, proxies = build_inputs.look(), build_inputs.proxies()
    stream = api.build(
        fileobj=context(folder),
        custom_context=True,
        tag=name,
        rm=True,
        forcerm=True,
        decode=True,
        timeout=SILENCE,
        buildargs={"BASE": base, "HOST_SETTINGS": build_inputs.script(settings), **proxies},
        network_mode=build_inputs.network([*proxies.values(), *settings.apt.values()]),
    )
    follow(stream, folder / "Dockerfile", say)


def follow(stream: Iterable[Mapping[str, Any]], source: Path, say: Callable[[str], None]) -> None:
    """Tell the steps of a build; raise HarnessError with its last lines where it fails."""
    output, problem = "", None
    # To the very end, also after an error: only then is the connection given back.
    for message in stream:
        text = str(message.get("stream") or "")
        output += text
        if text.startswith("Step "):
            say("  " + text.splitlines()[0][:100])
        problem = message.get("error") or problem
    if problem is not None:
        raise HarnessError(f"{source}: {problem}\n{_tail(output)}")


def _tail(text: str, lines: int = 20) -> str:
    return "\n".join(text.splitlines()[-lines:])


def _line(*fields: object) -> bytes:
    return ("\0".join(map(str, fields)) + "\n").encode()
