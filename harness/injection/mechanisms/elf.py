"""A program file gets a bad entry point: the kernel really kills it with SIGSEGV (exit 139).

Five bytes at the entry point read address zero.  The file's size, mode, owner and times stay, as
after a bad block on a disk; reinstalling the package, or using another tool, resolves it.
"""

from __future__ import annotations

import struct

from harness.errors import SandboxError
from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget
from harness.injection.mechanisms.files import place, same
from harness.models.values import Frozen, InnerPath

CRASH = {
    62: bytes.fromhex("31c0488b00"),  # x86-64: xor eax, eax; mov rax, [rax]
    183: bytes.fromhex("000080d2000040f9"),  # AArch64: mov x0, #0; ldr x0, [x0]
}
"""Machine code that reads address zero, by ELF machine number."""


class Settings(Frozen):
    """`path`: the program, as found through links."""

    path: InnerPath


COUNTS = False
HEALS = True
needs = base.needs_nothing
available = base.available
need = base.need
counted = base.counts_nothing
leave = base.nothing


def inject(target: InjectionTarget) -> Facts:
    """Patch the program in place."""
    path = _real(target)
    found = target.probes.read(path)
    if found is None:
        raise SandboxError(f"{path}: no such program")
    content, header = found
    place(target.probes, {path: (make_crash(content), header)})
    return {"path": path, "_before": (content, header)}


def present(target: InjectionTarget) -> bool | None:
    """Say whether the program at the path would crash."""
    if target.fault.present is not None:
        return base.present(target)
    found = target.probes.read(_real(target))
    return found is not None and crashes(found[0])


def heal(target: InjectionTarget, facts: Facts) -> None:
    """Put the sound program back."""
    content, header = facts["_before"]
    if not same(target.probes, facts["path"], content):
        place(target.probes, {facts["path"]: (content, header)})


def _real(target: InjectionTarget) -> str:
    """Return the program's path with every link followed."""
    path = Settings.model_validate(target.fault.settings).path
    said = target.probes.ask(f"readlink -f -- '{path}'").stdout.decode(errors="replace").strip()
    return said or path


def make_crash(program: bytes) -> bytes:
    """Return the program with a crash at its entry point.

    >>> make_crash(b"#!/bin/sh")
    Traceback (most recent call last):
    ...
    harness.errors.SandboxError: not a 64-bit little-endian ELF program of a known machine
    """
    at, code = _entry(program)
    return program[:at] + code + program[at + len(code) :]


def crashes(program: bytes) -> bool:
    """Say whether a program has the crash at its entry point."""
    try:
        at, code = _entry(program)
    except SandboxError:
        return False
    return program[at : at + len(code)] == code


def _entry(program: bytes) -> tuple[int, bytes]:
    """Return the file offset of the entry point and the machine's crash."""
    machine = struct.unpack_from("<H", program, 18)[0] if len(program) >= 64 else 0  # noqa: PLR2004
    if program[:6] != b"\x7fELF\x02\x01" or machine not in CRASH:
        raise SandboxError("not a 64-bit little-endian ELF program of a known machine")
    entry, headers = struct.unpack_from("<QQ", program, 24)
    size, count = struct.unpack_from("<HH", program, 54)
    for i in range(count):
        kind, _, offset, address, _, length = struct.unpack_from(
            "<IIQQQQ", program, headers + i * size
        )
        if kind == 1 and address <= entry < address + length:
            return offset + entry - address, CRASH[machine]
    raise SandboxError("the ELF entry point is in no loaded segment")
