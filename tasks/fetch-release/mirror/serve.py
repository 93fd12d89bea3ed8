"""A mirror: each folder in `releases` beside this file as a tarball, and their checksums."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

from webhost import Request, Response, serve

RELEASES = Path(__file__).parent / "releases"
TIME = 1709280000


def tarball(folder: Path) -> bytes:
    """Return a release's folder as a tarball that is always the same."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=TIME) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(folder, folder.name, filter=plain)
    return buffer.getvalue()


def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Remove what depends on the machine."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime, entry.mode = TIME, 0o755 if entry.isdir() else 0o644
    return entry


FILES = {f"{folder.name}.tar.gz": tarball(folder) for folder in sorted(RELEASES.iterdir())}
SUMS = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in FILES.items())
FILES["SHA256SUMS"] = SUMS.encode()


FOLDERS = ("/releases/", "/pool/w/wordrank/")
"""The same files, as people and as the sync know them."""


def links(names: Iterable[str]) -> bytes:
    """Return a page of links."""
    return "".join(f'<a href="{name}">{name}</a>\n' for name in names).encode()


def answer(request: Request) -> Response:
    """Answer with a file, or with a list of them."""
    if request.path == "/":
        return Response(200, links(folder[1:] for folder in FOLDERS), "text/html")
    folder = next((f for f in FOLDERS if request.path.startswith(f)), None)
    if folder is None:
        return Response(404)
    name = request.path.removeprefix(folder)
    body = FILES.get(name) if name else links(FILES)
    return Response(404 if body is None else 200, body or b"")


serve(answer)
