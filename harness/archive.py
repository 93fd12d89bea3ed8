"""Tar archives between the host and the sandboxes: packed, read, compared and made harmless."""

from __future__ import annotations

import hashlib
import io
import posixpath
import tarfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import SandboxError

Members = list[tuple[tarfile.TarInfo, bytes]]


def carried(archive: bytes | None, path: str) -> Members:
    """Return what may be carried from the agent's sandbox to the verifier's.

    Devices and pipes are left out, and links that lead to the verifier's own files or into the
    running system; set-user-id bits are taken off.
    """
    members: Members = []
    if archive is None:
        return members
    parent = posixpath.dirname(path.rstrip("/"))
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            name = posixpath.normpath(posixpath.join(parent, member.name))
            stream = tar.extractfile(member) if member.isreg() else None
            content = stream.read() if stream else b""
            if member.isreg() or member.isdir() or (member.issym() and _harmless(name, member)):
                pass
            elif member.islnk():
                member.linkname = posixpath.join(parent, member.linkname).lstrip("/")
            else:
                continue
            member.name = name.lstrip("/")
            member.mode &= 0o1777
            members.append((member, content))
    return members


def _harmless(name: str, member: tarfile.TarInfo) -> bool:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
    return not target.lstrip("/").startswith(("verify", "proc", "dev", "sys", "run"))


def packed(local: Path, path: str, *, uid: int = 0, top: int = 0o755) -> Members:
    """Return a local file or folder as members at `path`, owned by `uid`; nothing if not there.

    `top` is the mode of the folder itself; below it only the executable bit is kept.
    """
    here = [local, *sorted(local.rglob("*"))] if local.is_dir() else [local]
    return [_packed(local, each, path, uid, top) for each in here if local.exists()]


def _packed(
    local: Path, each: Path, path: str, uid: int, top: int
) -> tuple[tarfile.TarInfo, bytes]:
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


def joined(parts: Sequence[Members]) -> bytes:
    """Return one tar archive of all members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
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
    return joined([members])


def only_file(archive: bytes) -> tuple[bytes, tarfile.TarInfo] | None:
    """Return content and header of the regular file an archive begins with; None if it is none."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.next()
        if member is None or not member.isreg():
            return None
        stream = tar.extractfile(member)
        return (stream.read() if stream else b"", member)


def fingerprint(archive: bytes | None) -> str | None:
    """Return a digest of names, kinds, modes, owners and contents; None if there is nothing.

    Times do not count: to touch is not to harm.
    """
    if archive is None:
        return None
    rows = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isreg() else None
            content = hashlib.sha256(stream.read()).hexdigest() if stream else member.linkname
            rows.append((member.name, member.type, member.mode, member.uid, content))
    return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()
