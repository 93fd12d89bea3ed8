"""A mirror: each folder in `releases` beside this file as a tarball, and their checksums."""

import gzip
import hashlib
import io
import tarfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

RELEASES = Path(__file__).parent / "releases"
PORT, TIME = 8080, 1709280000


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


class Mirror(BaseHTTPRequestHandler):
    """Answers GET /releases/FILE."""

    def do_GET(self) -> None:
        """Send a file, the list of files, or 404."""
        folder, _, name = self.path.partition("/releases/")
        listing = "".join(f'<a href="{name}">{name}</a>\n' for name in FILES).encode()
        body = None if folder else FILES.get(name) if name else listing
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")


ThreadingHTTPServer(("", PORT), Mirror).serve_forever()
