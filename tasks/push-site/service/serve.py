"""A git server: the bare repositories in `repos` beside this file, over HTTPS."""

import os
import subprocess
from pathlib import Path

from webhost import Request, Response, serve

REPOS = Path(__file__).parent / "repos"


def backend(request: Request) -> Response:
    """Answer as git's own CGI program does."""
    settings = {
        "GIT_PROJECT_ROOT": str(REPOS),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": request.method,
        "PATH_INFO": request.path,
        "QUERY_STRING": request.raw,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": "dev",
    }
    done = subprocess.run(["git", "http-backend"], input=request.body, capture_output=True,
                          env={**os.environ, **settings}, check=False)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(lines.pop("Status", "200").split()[0])
    return Response(status, body, lines.pop("Content-Type", "text/plain"), lines)


def answer(request: Request) -> Response:
    """Answer one request: git's by HTTPS, and some for whoever begins."""
    match request.path:
        case "/ca.crt":
            return Response(200, Path("/etc/webhost/keys/ca.crt").read_bytes())
        case "/":
            names = sorted(path.name for path in REPOS.iterdir())
            return Response(200, "".join(f"{name}\n" for name in names).encode(), "text/plain")
        case _ if not request.secure:
            return Response(403, b"use https\n", "text/plain")
    return backend(request)


serve(answer, names=["git.internal"])
