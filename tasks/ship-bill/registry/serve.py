"""A package registry: packuments and tarballs made from the folders beside this file, on request."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PACKAGES = Path(__file__).parent / "packages"
PORT = 8080


def tarball(folder: Path) -> bytes:
    """Return a folder as npm packs one."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = tarfile.TarInfo(f"package/{path.relative_to(folder)}")
            info.size, info.mtime = path.stat().st_size, 499162500
            archive.addfile(info, io.BytesIO(path.read_bytes()))
    return gzip.compress(buffer.getvalue(), compresslevel=0, mtime=0)


def version(folder: Path, host: str) -> dict:
    """Return what a packument says about one version."""
    told = json.loads((folder / "package.json").read_text())
    content = tarball(folder)
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    name, number = told["name"], told["version"]
    return told | {
        "dist": {
            "tarball": f"http://{host}/{name}/-/{name}-{number}.tgz",
            "integrity": f"sha512-{digest}",
            "shasum": hashlib.sha1(content).hexdigest(),
        }
    }


def packument(name: str, host: str) -> bytes | None:
    """Return all that is known of a package."""
    folders = sorted(PACKAGES.glob(f"{name}-[0-9]*"))
    if not folders:
        return None
    versions = {told["version"]: told for told in (version(folder, host) for folder in folders)}
    tags = {"latest": list(versions)[-1]}
    return json.dumps({"name": name, "dist-tags": tags, "versions": versions}).encode()


class Registry(BaseHTTPRequestHandler):
    """Answers GET with a packument or a tarball."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send it, or 404."""
        path = self.path.split("?")[0].strip("/")
        name, _, file = path.partition("/-/")
        folder = PACKAGES / file.removesuffix(".tgz")
        if file:
            body = tarball(folder) if folder.is_dir() else None
        else:
            body = packument(name, self.headers.get("Host", "localhost"))
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "application/octet-stream" if file else "application/json")
        body = body if body is not None else b'{"error":"not found"}'
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("", PORT), Registry).serve_forever()
