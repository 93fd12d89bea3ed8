"""A package registry: upload with a token, then release; what is released can be fetched."""

import hashlib
import hmac
import json
from pathlib import PurePosixPath

from webhost import Request, Response, as_json, serve

TOKEN, SECRET = "tp-7d21-rockpool", b"limpet and whelk, 1898"
STORED: dict[str, bytes] = {}
"""Path below /packages/ -> content, of what is released."""
WAITING: dict[str, bytes] = {}
"""The same for what is only uploaded."""


def tables() -> bytes:
    """Return the tide table that the package carries along."""
    rows, seed = ["port,hour,metres"], 1898
    for port in ("Brest", "Dover", "Esbjerg", "Galway", "Lerwick"):
        for hour in range(72):
            seed = (seed * 1103515245 + 12345) % 2**31
            rows.append(f"{port},{hour},{abs(hour % 12 - 6) / 2 + (seed >> 16) % 40 / 100:.2f}")
    return ("\n".join(rows) + "\n").encode()


STORED["tables/2024.1/tables.csv"] = tables()
STORED["tidepool/1.3.0/NOTES"] = b"Tables of 2023.\n"


def listing(prefix: str) -> Response:
    """Return what is released below a path."""
    names = sorted(name for name in STORED if name.startswith(prefix))
    return as_json({"files": names}) if names else as_json({"error": "not found"}, 404)


def upload(name: str, body: bytes) -> Response:
    """Take a file that is not released yet."""
    if name in STORED:
        same = STORED[name] == body
        return as_json({"stored": name} if same else {"error": "released"}, 200 if same else 409)
    WAITING[name] = body
    return as_json({"stored": name, "sha256": hashlib.sha256(body).hexdigest()}, 201)


def release(name: str) -> Response:
    """Release what was uploaded for a version; return a receipt for its archive."""
    package, version = name.split("/")
    archive = f"{name}/{package}-{version}.tar.gz"
    STORED.update({k: WAITING.pop(k) for k in list(WAITING) if k.startswith(name + "/")})
    if archive not in STORED:
        return as_json({"error": f"{archive} was not uploaded"}, 409)
    digest = hashlib.sha256(STORED[archive]).hexdigest()
    number = hmac.new(SECRET, f"{name} {digest}".encode(), hashlib.sha256).hexdigest()[:24]
    return as_json({"released": name, "sha256": digest, "receipt": number})


def answer(request: Request) -> Response:
    """Answer one request."""
    _, verb, *rest = request.path.split("/")
    name = str(PurePosixPath(*rest)) if rest else ""
    trusted = request.headers.get("Authorization") == f"Bearer {TOKEN}"
    match request.method, verb:
        case ("GET" | "HEAD"), "packages":
            body = STORED.get(name)
            return listing(name) if body is None else Response(200, body)
        case ("PUT" | "POST"), _ if not trusted:
            return as_json({"error": "a token is needed"}, 401)
        case "PUT", "upload" if len(rest) == 3:
            return upload(name, request.body)
        case "POST", "release" if len(rest) == 2:
            return release(name)
        case "GET", "":
            return as_json({"packages": "/packages/", "upload": "/upload/", "release": "/release/"})
    return as_json({"error": "not found"}, 404)


if __name__ == "__main__":
    serve(answer)
