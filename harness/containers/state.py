"""The state of a sandbox between two steps: watched files and listening ports, and what changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.containers.ports import Probes
from harness.containers.shell import Result
from harness.shelltext.quoting import quote

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

    A cheap glance at all of them (sizes, modes, times; how many sockets there are) tells what must
    be looked at: only files that changed are read again, and the table of sockets, which costs the
    kernel 5 ms, only where anything did.
    """

    def __init__(self, probes: Probes, watch: Sequence[str]) -> None:
        self._probes = probes
        self._glance_at = "{ read -r _; read -r _ _ n _; } </proc/net/sockstat; echo $n"
        if watch:
            self._glance_at += f"; find {quote(watch)} -printf '{FIELDS}' 2>/dev/null"
        self._glance: bytes | None = None
        self._files: dict[bytes, _File] = {}
        self._known: bytes | None = None

    def look(self) -> State:
        """Look, and compare with the look before."""
        glance = self._probes.ask(self._glance_at, seconds=5, apart=False)
        if glance.timed_out or glance.died:
            return State(digest=None, changed=True)
        before = self._known
        seen = _all(glance)
        if seen != self._glance:
            self._glance = seen
            self._known = self._look(files(seen))
        known = self._known or b""
        return State(
            digest=hashlib.sha256(known).hexdigest()[:16],
            changed=before is not None and before != known,
            paths=compare(before, known)[:MANY] if before is not None else (),
        )

    def _look(self, now: dict[bytes, _File]) -> bytes:
        """Return a line for each port, path and content, as they are now."""
        before, self._files = self._files, now
        for path, file in now.items():
            old = before.get(path)
            file.content = old.content if old is not None and old.stamp == file.stamp else None
        fresh = [path for path, file in now.items() if file.kind == b"f" and file.content is None]
        said = self._probes.ask(f"{_PORTS}\n{_digest_script(fresh)}", seconds=10)
        ports, _, sums = _all(said).partition(b"\0")
        for each in sums.split(b"\0"):
            content, _, path = each.partition(b"  ")
            if path in now:
                now[path].content = content
        lines = [line for path, file in now.items() for line in file.lines(path)]
        return b"\n".join(sorted([*ports.split(), *lines]))


def _all(result: Result) -> bytes:
    return result.whole[0] if result.whole is not None else result.stdout


FIELDS = "%p\\0%y\\0%m\\0%l\\0%s %T@ %C@\\0"
"""What find tells of each path."""

_PORTS = """while read -r _ at _ state _; do [ "$state" = 0A ] && echo "$at"; done </proc/net/tcp
printf '\\0'"""


@dataclass(slots=True, kw_only=True)
class _File:
    """A path: `stamp` changes with the content; `content` is the sha256 of a file's."""

    kind: bytes
    mode: bytes
    link: bytes
    stamp: bytes
    content: bytes | None = None

    def lines(self, path: bytes) -> Iterator[bytes]:
        yield b"%s %s %s" % (path, self.mode, self.link)
        if self.content is not None:
            yield b"%s  %s" % (self.content, path)


def files(glance: bytes) -> dict[bytes, _File]:
    r"""Read a glance: the number of sockets, and a line's end, before the paths.

    >>> files(b"3\n/a\0f\x00644\0\x005 1.0 2.0\0")[b"/a"].mode
    b'644'
    """
    fields = glance.partition(b"\n")[2].split(b"\0")
    rows = zip(*(fields[i::5] for i in range(5)), strict=False)
    return {
        path: _File(kind=kind, mode=mode, link=link, stamp=stamp)
        for path, kind, mode, link, stamp in rows
    }


def _digest_script(paths: Sequence[bytes]) -> str:
    """Return a script that prints the sha256 of files; their names go through a pipe."""
    if not paths:
        return ":"
    names = quote([path.decode(errors="surrogateescape") for path in paths])
    return f"printf '%s\\0' {names} | xargs -0 sha256sum -z -- 2>/dev/null"


def compare(before: bytes, after: bytes) -> tuple[str, ...]:
    r"""Return the names of what two looks tell differently.

    >>> compare(b"0100007F:18EB\n/a 644 \n", b"/a 644 \n/b 755 \n")
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
