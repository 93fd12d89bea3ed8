"""Tar archives between the host and the sandboxes: packed, read and compared."""

from __future__ import annotations

import hashlib
import io
import posixpath
import tarfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import SandboxError

Member = tuple[tarfile.TarInfo, bytes]
Members = list[Member]


def pack(local: Path, path: str, *, uid: int = 0, top: int = 0o755) -> Members:
    """Return a local file or folder as members at `path`, owned by `uid`; nothing if not there.

    `top` is the mode of the folder itself; below it only the executable bit is kept.
    """
    here = [local, *sorted(local.rglob("*"))] if local.is_dir() else [local]
    return [_pack(local, each, path, uid, top) for each in here if local.exists()]


def _pack(local: Path, each: Path, path: str, uid: int, top: int) -> tuple[tarfile.TarInfo, bytes]:
    if each.is_symlink() or not (each.is_file() or each.is_dir()):
        raise SandboxError(f"{each}: only regular files and folders can be copied in")
    inner = posixpath.join(path, each.relative_to(local).as_posix()) if each != local else path
    member = tarfile.TarInfo(inner.strip("/"))
    content = each.read_bytes() if each.is_file() else b""
    member.size, member.mtime = len(content), int(time.time())
    member.uid = member.gid = uid
    member.type = tarfile.DIRTYPE if each.is_dir() else tarfile.REGTYPE
    executable = each.is_dir() or each.stat().st_mode & 0o100
    member.mode = top if each == local and each.is_dir() else (0o755 if executable else 0o644)
    return member, content


def join(parts: Sequence[Members]) -> bytes:
    """Return one tar archive of all members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member, content in (row for part in parts for row in part):
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return stream.getvalue()


def tarball(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    """Return an archive of files: absolute path -> (content, mode); root owns them."""
    members: Members = []
    for path, (content, mode) in files.items():
        member = tarfile.TarInfo(path.lstrip("/"))
        member.size, member.mode, member.mtime = len(content), mode, int(time.time())
        members.append((member, content))
    return join([members])


def member(
    path: str, content: bytes, *, mode: int, mtime: int, uid: int = 0, gid: int = 0
) -> Member:
    """Return one file, or a folder (`PATH/`), as a member; `mtime` in seconds since 1970."""
    made = tarfile.TarInfo(path.strip("/"))
    made.type = tarfile.DIRTYPE if path.endswith("/") else tarfile.REGTYPE
    made.size, made.mode, made.mtime, made.uid, made.gid = len(content), mode, mtime, uid, gid
    return made, content


def only_file(archive: bytes) -> tuple[bytes, tarfile.TarInfo] | None:
    """Return content and header of the regular file an archive begins with; None if it is none."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.next()
        if member is None or not member.isreg():
            return None
        stream = tar.extractfile(member)
        return (stream.read() if stream else b"", member)


def fingerprint(archive: bytes | None) -> dict[str, str]:
    """Return for each name its kind, mode, owner and digest of content; empty if there is nothing.

    Times do not count, nor does how many hard links a file has: to touch is not to harm.
    """
    if archive is None:
        return {}
    rows = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            file = member.isreg() or member.islnk()
            stream = tar.extractfile(member) if file else None
            content = hashlib.sha256(stream.read()).hexdigest() if stream else member.linkname
            kind = tarfile.REGTYPE if file else member.type
            device = (member.devmajor, member.devminor) if member.isdev() else None
            # The engine's archives repeat a file's kind in its mode.
            row = (kind, member.mode & 0o7777, member.uid, member.gid, content, device)
            rows[member.name] = repr(row)
    return rows
