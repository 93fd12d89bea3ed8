"""The state of a sandbox between two steps: watched files and listening ports, and what changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.sandbox.container import Box
from harness.sandbox.shell import quoted

MANY = 100
"""How many changed paths are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What one look found."""

    digest: str | None
    """None: it could not be looked at."""
    changed: bool
    """Since the look before; the first look finds no change."""
    paths: tuple[str, ...] = ()
    """What changed, at most `MANY`: paths, and `port N` for a port that is listened on or not."""


class Watcher:
    """The state digest: content of the task's `watch` paths, and the listening TCP ports.

    Both are read only when a cheap glance (sizes, modes, times; how many sockets there are)
    differs from the one before: the table of sockets alone costs the kernel 5 ms.
    """

    def __init__(self, box: Box, watch: Sequence[str]) -> None:
        paths = quoted(watch)
        self._box = box
        self._glance_at = "{ read -r _; read -r _ _ n _; } </proc/net/sockstat; echo $n"
        self._look_at = (
            'while read -r _ at _ state _; do [ "$state" = 0A ] && echo "$at"; done'
            " </proc/net/tcp | LC_ALL=C sort"
        )
        if paths:
            self._glance_at += f"; find {paths} -printf '%p %m %s %T@ %C@ %l\\n' 2>/dev/null"
            self._look_at += (
                f"\nfind {paths} -printf '%p %m %l\\n' 2>/dev/null | LC_ALL=C sort"
                f"\nfind {paths} -type f -print0 2>/dev/null | LC_ALL=C sort -z"
                " | xargs -0r sha256sum 2>/dev/null; true"
            )
        self._glance: bytes | None = None
        self._known: bytes | None = None

    def look(self) -> State:
        """Look, and compare with the look before."""
        glance = self._box.ask(self._glance_at, seconds=5, apart=False)
        if glance.timed_out or glance.died:
            return State(digest=None, changed=True)
        before = self._known
        if glance.stdout != self._glance:
            self._glance = glance.stdout
            self._known = self._box.ask(self._look_at, seconds=10).stdout
        known = self._known or b""
        return State(
            digest=hashlib.sha256(known).hexdigest()[:16],
            changed=before is not None and before != known,
            paths=differing(before, known)[:MANY] if before is not None else (),
        )


def differing(before: bytes, after: bytes) -> tuple[str, ...]:
    r"""Return the names of what two looks tell differently.

    >>> differing(b"0100007F:18EB\n/a 644 \n", b"/a 644 \n/b 755 \n")
    ('/b', 'port 6379')
    """
    if before == after:
        return ()
    lines = set(before.splitlines()) ^ set(after.splitlines())
    return tuple(sorted({_name(line.decode(errors="replace")) for line in lines}))


_LINE = re.compile(r"\\?[0-9a-f]{64} [ *](?P<file>.*)|(?P<path>/.*) [0-7]{1,4} .*", re.DOTALL)


def _name(line: str) -> str:
    found = _LINE.fullmatch(line)
    if found is not None:
        return found["file"] or found["path"]
    port = line.rpartition(":")[2]
    return f"port {int(port, 16)}" if re.fullmatch(r"[0-9A-F]{4}", port) else line
