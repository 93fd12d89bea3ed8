"""What the harness needs of a machine, and whether it is there: the rows of `harness doctor`."""

from __future__ import annotations

import getpass
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import docker

State = Literal["ok", "missing", "poor", "unknown"]

API = (1, 41)
"""The oldest engine API that is known to work (engine 20.10)."""

NOTIFYING = (5, 9)
"""The first kernel with all of seccomp's user notification that the exec filter would use."""

MEMORY = 2 << 30
"""bytes: two trials of 1 GiB side by side"""

DISK = 3 << 30
"""bytes: base image, sandbox images and the containers' own files"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing looked at.  Only what is `missing` stands in the way of trials."""

    name: str
    state: State
    found: str
    remedy: str = ""
    """What to do about it; empty where nothing needs doing."""


def machine() -> Iterator[Check]:
    """Look at the machine that the command runs on."""
    yield Check(name="python", state="ok", found=platform.python_version())
    yield program("git", "records which revision a run was made of")
    user = "root" if os.geteuid() == 0 else f"{getpass.getuser()} (uid {os.getuid()})"
    yield Check(name="user", state="ok", found=user)


def program(name: str, purpose: str) -> Check:
    """Look for a program that is good to have."""
    path = shutil.which(name)
    if path:
        return Check(name=name, state="ok", found=path)
    return Check(name=name, state="poor", found="not found", remedy=f"install it: it {purpose}")


def engine(api: docker.APIClient) -> Iterator[Check]:
    """Look at a Docker engine that answers."""
    info, version = api.info(), api.version()
    found = f"{version['Version']} on {info['OperatingSystem']} at {api.base_url}"
    yield Check(name="engine", state="ok", found=found.replace("http+docker://localhost", "socket"))
    yield protocol(version["ApiVersion"])
    yield Check(name="cgroups", state="ok", found=f"version {info.get('CgroupVersion', '1')}")
    yield confinement(info)
    yield amount("memory", info["MemTotal"], MEMORY, "give the engine more of it")
    yield disk(Path(info["DockerRootDir"]))


def protocol(spoken: str) -> Check:
    """Judge the newest API version that an engine speaks, such as `1.41`."""
    least = ".".join(map(str, API))
    if tuple(map(int, spoken.split("."))) >= API:
        return Check(name="engine API", state="ok", found=spoken)
    remedy = f"install Docker 20.10 or later (API {least})"
    return Check(name="engine API", state="missing", found=spoken, remedy=remedy)


def confinement(info: Mapping[str, Any]) -> Check:
    """Judge whether the engine's host has seccomp, and user notification with it."""
    kernel = str(info.get("KernelVersion", ""))
    if not any("name=seccomp" in option for option in info.get("SecurityOptions") or ()):
        remedy = "sandboxes run without a system call filter; use a kernel and engine with seccomp"
        return Check(name="seccomp", state="poor", found="off", remedy=remedy)
    numbers = kernel.split(".")[:2]
    new = all(map(str.isdigit, numbers)) and tuple(map(int, numbers)) >= NOTIFYING
    user = "with user notification" if new else "without user notification"
    return Check(name="seccomp", state="ok", found=f"on, {user} (kernel {kernel})")


def exec_filter(why: str | None) -> Check:
    """Tell whether the exec filter works with this engine; `why` says what it lacks."""
    if why is None:
        found = "in force: every program of the agent's is seen"
        return Check(name="exec filter", state="ok", found=found)
    remedy = (
        "trials run without it, and commands are matched as text; it needs Linux 5.9 with seccomp,"
        " and an engine that allows SYS_PTRACE and the host's process ids"
    )
    return Check(name="exec filter", state="poor", found=why, remedy=remedy)


def file_transfer(*, works: bool) -> Check:
    """Tell whether files go in and out of sandboxes by our file transfer."""
    if works:
        return Check(
            name="file transfer", state="ok", found="in force: files need no call of the engine's"
        )
    found = "forbidden here: files go by the engine's own API"
    remedy = (
        "trials are slower, and no less right; it needs Linux 5.2, and an engine that"
        " allows SYS_ADMIN and the host's process ids"
    )
    return Check(name="file transfer", state="poor", found=found, remedy=remedy)


def amount(name: str, found: int, least: int, remedy: str) -> Check:
    """Judge a number of bytes against the least that trials can do with."""
    text = f"{found / (1 << 30):.1f} GiB"
    if found >= least:
        return Check(name=name, state="ok", found=text)
    wanted = f"at least {least / (1 << 30):.0f} GiB are needed: {remedy}"
    return Check(name=name, state="missing", found=text, remedy=wanted)


def disk(root: Path) -> Check:
    """Judge the free space where the engine keeps images; unknown where we cannot look."""
    try:
        free = shutil.disk_usage(root).free
    except OSError:
        return Check(name="disk", state="unknown", found=f"{root} is on the engine's own machine")
    return amount("disk", free, DISK, f"make room in {root}, or `docker system prune`")


def image(sandbox: str, tag: str, built: bool | None) -> Check:
    """Tell whether a sandbox's image is there; `None`: there is no engine to ask."""
    name = f"image {sandbox}"
    if built:
        return Check(name=name, state="ok", found=tag)
    remedy = f"`harness images build {sandbox}`"
    if built is None:
        return Check(name=name, state="unknown", found="no engine to ask", remedy=remedy)
    return Check(name=name, state="missing", found="not built", remedy=remedy)
