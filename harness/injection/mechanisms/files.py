"""Putting files into a container and back, without leaving a trace in their headers."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

from harness.containers.ports import Probes

Held = tuple[bytes, tarfile.TarInfo] | None
"""A regular file's content and header; None where there was none."""


def place(probes: Probes, files: Mapping[str, tuple[bytes, tarfile.TarInfo]]) -> None:
    """Put files at their paths, with the mode, owner and times of their headers."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for path, (content, header) in files.items():
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode, member.mtime = len(content), header.mode, header.mtime
            member.uid, member.gid = header.uid, header.gid
            tar.addfile(member, io.BytesIO(content))
    probes.put(stream.getvalue())


def restore(probes: Probes, before: Mapping[str, Held]) -> None:
    """Put back what `before` holds and remove what was not there."""
    place(probes, {path: held for path, held in before.items() if held is not None})
    for path, held in before.items():
        if held is None:
            probes.script(f"rm -f -- '{path}'", f"remove {path}")


def same(probes: Probes, path: str, content: bytes) -> bool:
    """Say whether the file at `path` holds exactly `content`."""
    found = probes.read(path)
    return found is not None and found[0] == content
