"""What may be carried from the agent's sandbox to the verifier's ground.

The agent made these files, and the verifier will open them by name: no name may lead to the
verifier's own files or into the running system, whatever links stand on the way.  So only regular
files, folders and links whose way is known are carried, each under a fresh header.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Iterator, Mapping

from harness.containers.archive import Members

FORBIDDEN = ("/verify", "/proc", "/dev", "/sys")
"""Where no link may lead (`/` and what is below these; /dev/null apart)."""

STEPS = 200
"""How many parts of paths a link may take to resolve."""

Tree = dict[str, tuple[tarfile.TarInfo, bytes]]
"""Absolute path -> header and content."""


def carry(archives: Mapping[str, bytes | None]) -> Members:
    """Return the members to unpack at `/`, of archives by the path that they were taken from.

    Left out are devices, pipes, sockets, names that leave their path, and links that lead to
    `FORBIDDEN`, or where one cannot know.  Set-user-id bits and extended attributes are taken off;
    a hard link becomes a file.
    """
    tree: Tree = {}
    for path in _outermost(archives):
        archive = archives[path]
        if archive is not None:
            tree |= _sound(archive, path)
    return [row for path, row in tree.items() if not row[0].issym() or _known(path, tree)]


def _outermost(paths: Mapping[str, object]) -> list[str]:
    """Return the paths that lie within no other: those bring what they hold themselves."""
    plain = {posixpath.normpath(path): path for path in sorted(paths, reverse=True)}
    return [path for norm, path in plain.items() if not _ancestors(norm) & plain.keys()]


def _ancestors(path: str) -> set[str]:
    parts = path.strip("/").split("/")
    return {"/" + "/".join(parts[:n]) for n in range(1, len(parts))}


def _sound(archive: bytes, path: str) -> Tree:
    """Return the members that are what they say, each below folders of the same archive."""
    root = posixpath.normpath(path)
    tree: Tree = {}
    for name, member, content in _read(archive, posixpath.dirname(root)):
        above = _ancestors(name) - _ancestors(root)
        inside = name == root or (name.startswith(root + "/") and root in above)
        folders = all(each in tree and tree[each][0].isdir() for each in above)
        if not inside or not folders or name in tree:
            continue
        data = _follow_link(member, root, tree) if member.islnk() else content
        if data is not None:
            tree[name] = (_header(name, member, data), data)
    return tree


def _follow_link(member: tarfile.TarInfo, root: str, tree: Tree) -> bytes | None:
    """Return the content of the file that a hard link means, if it came before."""
    row = tree.get(posixpath.join(posixpath.dirname(root), member.linkname))
    return row[1] if row is not None and row[0].isreg() else None


def _read(archive: bytes, parent: str) -> Iterator[tuple[str, tarfile.TarInfo, bytes | None]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            name = posixpath.join(parent, member.name)
            if posixpath.normpath(name) != name.rstrip("/") or posixpath.isabs(member.name):
                continue
            stream = tar.extractfile(member) if member.isreg() else None
            plain = member.isdir() or member.issym()
            yield name.rstrip("/"), member, stream.read() if stream else b"" if plain else None


def _header(name: str, member: tarfile.TarInfo, content: bytes) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name.lstrip("/"))
    header.type = member.type if member.isdir() or member.issym() else tarfile.REGTYPE
    header.linkname = member.linkname if member.issym() else ""
    header.size, header.mode, header.mtime = len(content), member.mode & 0o1777, int(member.mtime)
    header.uid, header.gid = member.uid, member.gid
    return header


# --- where links lead ----------------------------------------------------------------------


def _known(path: str, tree: Tree) -> bool:
    """Say whether a link's way is known and leads nowhere forbidden.  An empty one has no way."""
    end = _resolve(path, tree) if tree[path][0].linkname else None
    return end is not None and (
        end == "/dev/null"
        or (end != "/" and not any(end == f or end.startswith(f + "/") for f in FORBIDDEN))
    )


def _resolve(path: str, tree: Tree) -> str | None:
    """Return where a path leads, through carried links; None where one cannot know.

    Outside what is carried stands the pristine image, whose own links we do not see: there a
    `..` may lead anywhere.
    """
    here, left = "/", path.strip("/").split("/")
    for _ in range(STEPS):
        if not left:
            return here
        part, *left = left
        if part in {"", "."}:
            continue
        if part == "..":
            if here != "/" and here not in tree:
                return None
            here = posixpath.dirname(here)
            continue
        there = posixpath.join(here, part)
        row = tree.get(there)
        if row is not None and row[0].issym():
            left = row[0].linkname.split("/") + left
            here = "/" if row[0].linkname.startswith("/") else here
        else:
            here = there
    return None
