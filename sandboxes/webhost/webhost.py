"""A small web server, HTTP and HTTPS, whose operator can change how it answers while it runs.

    serve(answer)              `answer` makes a Response of a Request; HTTP on 8080
    serve(answer, names=...)   the same on 8443 with a certificate of the house's own authority,
                               whose certificate is at /ca.crt

The operator's rules are JSON files in RULES, read with every request; the first that fits counts:

    path      regular expression, found in the path; none: every path
    method    regular expression for the whole method; none: every method
    times     it holds for so many requests; none: until it is removed
    status    answer with it; `headers` and `body` go with it
    requests  so many requests in `seconds` are answered, more get 429 and a Retry-After
    like      answer as for this other path
    cut       close the connection after so many bytes of the body
    garble    exchange the byte at this place of the body
    certificate   (for HTTPS) use this one: expired, unknown, stranger; with a `status` whoever
              does not mind gets that

It is no open proxy: who takes it for one gets 407.  What a rule did is counted, a byte each, in the
file of its name with the ending `.hits`.
"""

import contextlib
import json
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

RULES, KEYS = Path("/etc/webhost/rules"), Path("/etc/webhost/keys")
HTTP, HTTPS = 8080, 8443


@dataclass(frozen=True)
class Request:
    """What a client asks for."""

    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    headers: Any = None
    body: bytes = b""
    raw: str = ""
    """The query as it came."""
    secure: bool = False

    def word(self, name: str, default: str = "") -> str:
        """Return a value of the query."""
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Response:
    """What it gets."""

    status: int
    body: bytes = b""
    kind: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Response]


def as_json(content: Any, status: int = 200) -> Response:
    """Return a response in JSON."""
    return Response(status, json.dumps(content).encode(), "application/json")


def serve(answer: Answer, names: Sequence[str] = ()) -> None:
    """Answer for ever; with names also over HTTPS."""
    RULES.mkdir(parents=True, exist_ok=True)
    plain = Server(("", HTTP), handler(answer))
    if names:
        secure = SecureServer(("", HTTPS), handler(answer), Keys(names))
        threading.Thread(target=secure.serve_forever, daemon=True).start()
    plain.serve_forever()


# --- the operator's rules ------------------------------------------------------------------

_lock = threading.Lock()
_recent: dict[Path, list[float]] = {}


def applying(fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the first rule that fits, counted; an empty one if there is none."""
    with _lock:
        for path in sorted(RULES.glob("*.json")):
            rule, hits = json.loads(path.read_text()), path.with_suffix(".hits")
            used = hits.stat().st_size if hits.exists() else 0
            if fits(rule) and used < rule.get("times", used + 1) and due(rule, path):
                with hits.open("ab") as stream:
                    stream.write(b".")
                return rule
    return {}


def due(rule: dict[str, Any], path: Path) -> bool:
    """Say whether a limit of requests is exceeded; other rules are always due."""
    if "requests" not in rule:
        return True
    now = time.monotonic()
    recent = [at for at in _recent.get(path, []) if now - at < rule["seconds"]]
    over = len(recent) >= rule["requests"]
    _recent[path] = recent if over else [*recent, now]
    return over


def for_request(request: Request) -> Callable[[dict[str, Any]], bool]:
    """Return whether a rule is about this request."""
    return lambda rule: (
        ("certificate" not in rule or (request.secure and "status" in rule))
        and re.search(rule.get("path", ""), request.path) is not None
        and re.fullmatch(rule.get("method", ".*"), request.method) is not None
    )


def ruled(rule: dict[str, Any], request: Request, answer: Answer) -> Response:
    """Return the answer to a request under a rule."""
    if "requests" in rule:
        wait = {"Retry-After": str(max(1, round(rule["seconds"])))}
        body = f"Too many requests: {rule['requests']} in {rule['seconds']} seconds are allowed.\n"
        return Response(429, body.encode(), "text/plain", wait)
    if "status" in rule:
        body = rule.get("body", "").encode()
        return Response(rule["status"], body, "text/plain", rule.get("headers", {}))
    if "like" in rule:
        return answer(replace(request, path=rule["like"]))
    found = answer(request)
    if "garble" in rule and found.body:
        at, body = rule["garble"] % len(found.body), bytearray(found.body)
        body[at] ^= 0x15
        return replace(found, body=bytes(body))
    return found


def handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers requests."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version, sys_version = "webhost/2.1", ""

        def do(self) -> None:
            """Read a request and send the answer."""
            parts = urlsplit(self.path)
            if self.command == "CONNECT" or parts.netloc:
                asked = {"Proxy-Authenticate": 'Basic realm="proxy"'}
                self.respond(Response(407, b"", "text/plain", asked), None)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            secure = isinstance(self.connection, ssl.SSLSocket)
            query = parse_qs(parts.query)
            request = Request(
                self.command, parts.path, query, self.headers, body, parts.query, secure
            )
            rule = applying(for_request(request))
            self.respond(ruled(rule, request, answer), rule.get("cut"))

        # The names that the server looks for.
        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_CONNECT = do  # noqa: N815

        def respond(self, found: Response, cut: int | None) -> None:
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", found.kind)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found.body[:cut])
            if cut is not None and cut < len(found.body):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


# --- servers -------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """HTTP."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is no error."""


class SecureServer(Server):
    """HTTPS with the certificate that is in force when a client comes."""

    def __init__(self, address: tuple[str, int], handles: Any, keys: "Keys") -> None:
        super().__init__(address, handles)
        self.keys = keys

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the connection's own thread, then answer."""
        rule = applying(lambda rule: "certificate" in rule)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.keys.pair(rule.get("certificate", "good")))
        with context.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)
            with contextlib.suppress(OSError):
                secure.unwrap()


class Keys:
    """Two authorities, and certificates of theirs, each made when it is asked for first."""

    KINDS: ClassVar = {
        "good": (None, "ca", 365),
        "expired": (None, "ca", -3),
        "unknown": (None, "other", 365),
        "stranger": ("web7.hosting.example", "ca", 365),
    }
    """For whom (none: for this host), by which authority, valid for how many days yet."""

    AUTHORITIES: ClassVar = {"ca": "Internal Root CA", "other": "Internal Root CA 2"}

    def __init__(self, names: Sequence[str]) -> None:
        self.names, self._lock = names, threading.Lock()
        KEYS.mkdir(parents=True, exist_ok=True)
        (KEYS / "index.txt").touch()
        (KEYS / "ca.conf").write_text(SIGNING)
        self.pair("good")

    def pair(self, name: str) -> tuple[Path, Path]:
        """Return the files of a certificate and its key."""
        with self._lock:
            if not (KEYS / f"{name}.crt").exists():
                host, signer, days = self.KINDS[name]
                if not (KEYS / f"{signer}.crt").exists():
                    authority(signer, self.AUTHORITIES[signer])
                certificate(name, [host] if host else self.names, signer, days)
        return KEYS / f"{name}.crt", KEYS / f"{name}.key"


NEW = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout")


SIGNING = """
[ca]
default_ca = house
[house]
database = index.txt
new_certs_dir = .
default_md = sha256
unique_subject = no
rand_serial = yes
policy = any
[any]
commonName = supplied
"""


def authority(name: str, title: str) -> None:
    """Make a key and a certificate that it signs itself."""
    subject = ("-subj", f"/O=Internal/CN={title}")
    openssl("req", "-x509", "-days", "3650", *NEW, f"{name}.key", "-out", f"{name}.crt", *subject)


def certificate(name: str, hosts: Sequence[str], authority: str, days: int) -> None:
    """Make a key and its certificate, valid until so many days from now."""
    begins, ends = (
        time.strftime("%y%m%d%H%M%SZ", time.gmtime(time.time() + day * 86400))
        for day in (days - 400, days)
    )
    (KEYS / f"{name}.ext").write_text("subjectAltName=" + ",".join(f"DNS:{h}" for h in hosts))
    openssl("req", *NEW, f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={hosts[0]}")
    openssl(
        "ca",
        "-batch",
        "-notext",
        "-config",
        "ca.conf",
        "-cert",
        f"{authority}.crt",
        "-keyfile",
        f"{authority}.key",
        "-extfile",
        f"{name}.ext",
        "-startdate",
        begins,
        "-enddate",
        ends,
        "-in",
        f"{name}.csr",
        "-out",
        f"{name}.crt",
    )


def openssl(*words: str) -> None:
    """Run openssl among the keys."""
    subprocess.run(["openssl", *words], cwd=KEYS, check=True, capture_output=True)
