"""A folder becomes read-only, or a file system of its own with hardly any room, while in use.

`Read-only file system` and `No space left on device` are the kernel's own words, and a process
without SYS_ADMIN cannot undo a mount.  Relative paths of a process that works in the folder already
would go past it: the agent's shell enters the folder anew at the start, and later such an injection
fails.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from harness.containers.sidecars.namespaces import Orders
from harness.errors import SandboxError
from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget
from harness.models.values import Frozen, InnerPath
from harness.shelltext.quoting import quote

PLENTY = "size=1048576k,nr_inodes=1000000"
"""Limits of a file system that was reverted, as the kernel shows them."""


class Settings(Frozen):
    """`path`: a folder (or `/`).  Read-only, unless it is told how much room it has."""

    path: InnerPath
    room: int | None = Field(default=None, ge=0)
    """bytes that can still be written (rounded up to pages)"""
    files: int | None = Field(default=None, ge=0)
    """files that can still be made"""

    @model_validator(mode="after")
    def _a_folder(self) -> Self:
        if self.small and self.path == "/":
            raise ValueError("`/` can only become read-only; give another folder")
        return self

    @property
    def small(self) -> bool:
        """Say whether it is a file system with hardly any room."""
        return self.room is not None or self.files is not None


COUNTS = False
HEALS = True
needs = base.needs_nothing
need = base.need
counted = base.counts_nothing


def available(target: InjectionTarget) -> str | None:
    """Say whether a helper can enter the container's mount namespace."""
    try:
        _orders(target)
    except SandboxError as error:
        return f"it needs a helper with SYS_ADMIN on the engine's host: {error}"
    return None


def inject(target: InjectionTarget) -> Facts:
    """Mount."""
    settings, orders = Settings.model_validate(target.fault.settings), _orders(target)
    if settings.path != "/" and target.fault.when.kind != "start":
        orders.give(f"busy {settings.path}")
    if settings.small:
        _cover(target, orders, settings)
    else:
        orders.give(f"ro {settings.path}")
    if target.act is not None and target.fault.when.kind == "start":
        target.act('cd "$PWD"; unset OLDPWD; declare -x OLDPWD')
    return settings.model_dump(exclude_none=True)


def present(target: InjectionTarget) -> bool | None:
    """Look into the kernel's table of mounts (unless the fault has a probe of its own)."""
    if target.fault.present is not None:
        return base.present(target)
    settings = Settings.model_validate(target.fault.settings)
    kind, options = _mount_of(target, settings.path) or ("", "")
    if settings.small:
        return kind == "tmpfs" and PLENTY not in options
    return "ro" in options.split(",")


def heal(target: InjectionTarget, facts: Facts) -> None:  # noqa: ARG001 - all mechanisms are alike
    """Make it writable, or roomy: what was written meanwhile stays."""
    settings = Settings.model_validate(target.fault.settings)
    if settings.small:
        _orders(target).give(f"size {PLENTY} {settings.path}")
    else:
        _orders(target).give(f"rw {settings.path}")


def leave(target: InjectionTarget) -> None:
    """Put what lies in the small file system where the engine can read it."""
    settings = Settings.model_validate(target.fault.settings)
    if not settings.small or not _covers(target, settings.path):
        return
    path = quote([settings.path])
    target.probes.script(f"exec 9< {path}", "hold", apart=False)
    _orders(target).give(f"umount {settings.path}")
    target.probes.script(
        f"find {path} -mindepth 1 -delete && {_copy_script(path)}", "copy", apart=False
    )


def _cover(target: InjectionTarget, orders: Orders, settings: Settings) -> None:
    """Mount a file system over a folder, with the same content and hardly any room."""
    path = quote([settings.path])
    if not _covers(target, settings.path):
        target.probes.script(f"exec 9< {path}", "hold", apart=False)
        orders.give(f"tmpfs {settings.path}")
        target.probes.script(_copy_script(path), "copy", apart=False)
    said = target.probes.script(f"stat -f -c '%S %b %f %c %d' {path}", "look").stdout
    size, blocks, free, inodes, left = map(int, said.split())
    options = []
    if settings.room is not None:
        options.append(f"size={max((blocks - free) * size + settings.room, size)}")
    if settings.files is not None:
        options.append(f"nr_inodes={inodes - left + settings.files}")
    orders.give(f"size {','.join(options)} {settings.path}")


def _copy_script(path: str) -> str:
    """Return a script that copies the folder held as descriptor 9, and lets go of it."""
    return f"cp -a /proc/self/fd/9/. {path}/ && exec 9<&-"


def _covers(target: InjectionTarget, path: str) -> bool:
    mounted = _mount_of(target, path)
    return mounted is not None and mounted[0] == "tmpfs"


def _mount_of(target: InjectionTarget, path: str) -> tuple[str, str] | None:
    """Return kind and options of what is mounted at the path; None where nothing is."""
    said = target.probes.ask("cat /proc/mounts", seconds=base.PROBE_SECONDS).stdout.decode()
    rows = [line.split(" ") for line in said.splitlines()]
    found = [(kind, options) for _, at, kind, options, *_ in rows if at == path]
    return found[-1] if found else None


def _orders(target: InjectionTarget) -> Orders:
    if target.sidecars is None:
        raise SandboxError("no helper can stand beside this container")
    return target.sidecars.mounts()
