"""Files in and out of sandboxes without a process of the engine's for each.

The engine's archive API starts a program of its own a call, 60 ms of a processor each.  A small
static program (`sandboxes/helpers/file_transfer.c`) in one sidecar does the same for all trials of
a run: it enters a container's own file system, below whatever is mounted there, and copies from
the outside.
"""

from __future__ import annotations

import contextlib
import io
import tarfile
import threading
from collections.abc import Iterator

from harness.containers.engine import Engine
from harness.containers.ports import Sidecar
from harness.containers.probes import mounted
from harness.containers.sidecars.channel import Channel
from harness.errors import SandboxError

KINDS = {
    "f": tarfile.REGTYPE,
    "d": tarfile.DIRTYPE,
    "l": tarfile.SYMTYPE,
    "c": tarfile.CHRTYPE,
    "b": tarfile.BLKTYPE,
    "p": tarfile.FIFOTYPE,
}
"""Kinds of records, and what a tar archive calls them."""

PUT = {tarfile.REGTYPE: "f", tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l"}
"""What can be brought in, by its name in a tar archive; a hard link, say, is left to the engine."""

CAPABILITIES = [
    "SYS_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "DAC_OVERRIDE", "CHOWN", "FOWNER", "FSETID", "MKNOD",
]  # fmt: skip

PATIENCE = 60.0
"""Seconds of silence after which the sidecar counts as gone."""


class FileTransfer:
    """The sidecar's other end; any thread may ask, one at a time.  Use `open_file_transfer`."""

    def __init__(self, sidecar: Sidecar) -> None:
        self._channel = Channel(sidecar.stream, "the file transfer", PATIENCE)
        self._one = threading.Lock()
        self._failed: str | None = None
        self.pid = int(_end(self._channel).split()[1])
        """The sidecar's own process id, as the engine's host counts."""

    def get(self, pid: int, path: str, limit: int) -> bytes | None:
        """Return a tar archive of a path, as the engine's API would; None if it is not there.

        `pid`: a process of the container, as the host counts.  None, too, beyond `limit` bytes.
        """
        with self._asked(f"get {pid} {limit} {path}\n".encode()):
            archive = _archive(self._channel)
            answer = _end(self._channel)
        if answer in {"none", "large"}:
            return None
        _expect("ok", answer, path)
        return archive

    def put(self, pid: int, archive: bytes) -> bool:
        """Unpack a tar archive at the container's root.

        False, and nothing done, where it holds what only the engine can bring in.
        """
        if not _fit(archive):
            return False
        records = list(_records(archive))
        with self._asked(b"".join([f"put {pid} {len(records)}\n".encode(), *records])):
            answer = _end(self._channel)
        _expect("ok", answer, "files in")
        return True

    @contextlib.contextmanager
    def _asked(self, order: bytes) -> Iterator[None]:
        """Keep other threads out for an order and its answer; after a failure every order fails."""
        with self._one:
            if self._failed is not None:
                raise SandboxError(f"the file transfer is gone: {self._failed}")
            try:
                self._channel.send(order)
                yield
            except BaseException as error:
                self._failed = str(error) or type(error).__name__
                raise


def _archive(channel: Channel) -> bytes:
    """Return the records up to the end of an answer as a tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as tar:
        while channel.peek() != b"=":
            member, content = _member(channel)
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return made.getvalue()


def _end(channel: Channel) -> str:
    """Return what the end of an answer says."""
    return channel.line().removeprefix("= ")


def _member(channel: Channel) -> tuple[tarfile.TarInfo, bytes]:
    kind, mode, *fields = channel.line().split()
    uid, gid, mtime, size, major, minor, named, linked = map(int, fields)
    member = tarfile.TarInfo(channel.bytes(named).decode(errors="surrogateescape"))
    member.linkname = channel.bytes(linked).decode(errors="surrogateescape")
    member.type, member.mode, member.mtime = KINDS[kind], int(mode, 8), mtime
    member.uid, member.gid, member.size = uid, gid, size
    member.devmajor, member.devminor = major, minor
    return member, channel.bytes(size)


def _fit(archive: bytes) -> bool:
    """Say whether all that an archive holds can be brought in."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return all(
            member.type in PUT and not member.pax_headers and not mounted(f"/{member.name}")
            for member in tar
            if not member.isdir()
        )


def _records(archive: bytes) -> Iterator[bytes]:
    """Yield the records to be made; folders come again at the end, for their own times."""
    folders: list[bytes] = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isreg() else None
            record = _record(member, stream.read() if stream else b"")
            yield record
            if member.isdir():
                folders.append(record)
    yield from reversed(folders)


def _record(member: tarfile.TarInfo, content: bytes) -> bytes:
    name = member.name.strip("/").encode(errors="surrogateescape") or b"."
    link = member.linkname.encode(errors="surrogateescape") if member.issym() else b""
    head = (
        f"{PUT[member.type]} {member.mode & 0o7777:o} {member.uid} {member.gid}"
        f" {int(member.mtime)} {len(content)} 0 0 {len(name)} {len(link)}\n"
    )
    return head.encode() + name + link + content


def _expect(wanted: str, answer: str, what: str) -> None:
    if answer != wanted:
        raise SandboxError(f"{what}: {answer.removeprefix('error: ')}")


@contextlib.contextmanager
def open_file_transfer(engine: Engine, image: str) -> Iterator[FileTransfer | None]:
    """Run the sidecar for the length of a `with`; None where the engine's host forbids it."""
    with contextlib.ExitStack() as stack:
        try:
            sidecar = engine.sidecar(image, ["/file_transfer"], caps=CAPABILITIES, pid="host")
            transfer = FileTransfer(stack.enter_context(sidecar))
            works = transfer.get(transfer.pid, "/file_transfer", 1 << 24) is not None
        except SandboxError:
            works = False
        yield transfer if works else None
