"""What image builds borrow from this host: its package mirror, proxies, certificates and pip index.

A Dockerfile that downloads says `ARG HOST_SETTINGS=` and begins the step with
`RUN eval "$HOST_SETTINGS"; set -eux; ...`.  What it brings lies in `/tmp/host` and in that step's
environment and is gone when the step ends: the finished image has neutral settings.  Without the
argument the Dockerfile builds all the same.
"""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy")
PIP = ("index-url", "extra-index-url", "trusted-host")
PIP_CONFIGS = ("/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf")
ANCHORS = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors")

BUNDLE = (
    "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS",
)  # fmt: skip
"""Variables that name a file of certificates."""

OWN_SOURCES = {
    "Dir::Etc::SourceList": "/tmp/host/sources.list",
    "Dir::Etc::SourceParts": "-",
    # A bare image has no certificates yet, and apt checks signatures anyway.
    "Acquire::https::Verify-Peer": "false",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildInputs:
    """The host's settings that a build needs to reach what the host reaches."""

    mirror: str = ""
    """Where the host takes Debian's packages from; empty: what the image names will do."""
    security: str = ""
    """The same for security updates."""
    apt: Mapping[str, str] = field(default_factory=dict)
    """Options of apt, such as `Acquire::http::Proxy`."""
    certificates: str = ""
    """PEM text of the authorities that the host trusts beside the usual ones."""
    pip: Mapping[str, str] = field(default_factory=dict)
    """Settings of pip: `index-url`, `extra-index-url`, `trusted-host`."""


def look() -> BuildInputs:
    """Read the settings of this host."""
    return BuildInputs(
        mirror=_repository("Debian"),
        security=_repository("Debian-Security"),
        apt=apt_options(_answer("apt-config", "dump", "Acquire")),
        certificates="".join(path.read_text() for path in _anchors()),
        pip=_pip(),
    )


def proxies(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the proxy variables; as build arguments they leave no trace in an image."""
    names = [*PROXIES, *(name.upper() for name in PROXIES)]
    return {name: environment[name] for name in names if environment.get(name)}


def network(settings: Iterable[str]) -> str | None:
    """Return the build's network: the host's own where a proxy listens on its loopback only."""
    return "host" if any(_loopback(value) for value in settings) else None


def script(inputs: BuildInputs) -> str:
    """Return the shell text of `HOST_SETTINGS`; empty where the usual settings will do."""
    lines = [*_sources(inputs), *_apt(inputs), *_certificates(inputs.certificates)]
    lines += [f"export PIP_{_variable(name)}={shlex.quote(it)}" for name, it in inputs.pip.items()]
    frame = ["mkdir -p /tmp/host", "trap 'rm -rf /tmp/host' EXIT"]
    return "\n".join([*frame, *lines]) if lines else ""


def _sources(inputs: BuildInputs) -> Iterator[str]:
    if inputs.mirror:
        yield ". /etc/os-release"
        for line in (
            f"{inputs.mirror} $VERSION_CODENAME",
            f"{inputs.mirror} $VERSION_CODENAME-updates",
            *([f"{inputs.security} $VERSION_CODENAME-security"] if inputs.security else []),
        ):
            yield f"echo deb {line} main >> /tmp/host/sources.list"


def _apt(inputs: BuildInputs) -> Iterator[str]:
    options = {**(OWN_SOURCES if inputs.mirror else {}), **inputs.apt}
    if options:
        text = "".join(f'{name} "{value}";\n' for name, value in options.items())
        yield f"printf %s {shlex.quote(text)} > /tmp/host/apt.conf"
        yield "export APT_CONFIG=/tmp/host/apt.conf"


def _certificates(pem: str) -> Iterator[str]:
    if pem:
        bundle = "/tmp/host/certificates.pem"
        yield f"cat /etc/ssl/certs/ca-certificates.crt > {bundle} 2>/dev/null"
        yield f"printf %s {shlex.quote(pem)} >> {bundle}"
        yield "export " + " ".join(f"{name}={bundle}" for name in BUNDLE)


def apt_options(dump: str) -> dict[str, str]:
    """Return the proxies in what `apt-config dump` prints."""
    pairs = (line.rstrip(";").split(" ", 1) for line in dump.splitlines() if " " in line)
    return {
        name: value.strip('"')
        for name, value in pairs
        if name.lower() in {"acquire::http::proxy", "acquire::https::proxy"} and value != '""'
    }


def _repository(label: str) -> str:
    form = "$(LABEL) $(REPO_URI)"
    for line in _answer("apt-get", "indextargets", "--format", form).splitlines():
        name, _, address = line.rpartition(" ")
        if name == label and address.startswith("http") and not _loopback(address):
            return address.rstrip("/")
    return ""


def _anchors() -> list[Path]:
    return sorted(path for folder in ANCHORS for path in Path(folder).rglob("*.crt"))


def _pip() -> dict[str, str]:
    config = configparser.ConfigParser(interpolation=None)
    config.read(Path(name).expanduser() for name in PIP_CONFIGS)
    found = dict(config["global"]) if config.has_section("global") else {}
    for name in PIP:
        found[name] = os.environ.get(f"PIP_{_variable(name)}", found.get(name, ""))
    return {name: found[name] for name in PIP if found[name] and "file:" not in found[name]}


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")


def _loopback(address: str) -> bool:
    return (urlsplit(address).hostname or "") in {"localhost", "127.0.0.1", "::1"}


def _answer(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
