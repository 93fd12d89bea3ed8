"""The images that sandboxes start from: found, pulled, or made from Debian's packages.

A made one is tagged `recovery-harness/base:<suite>-<architecture>-<recipe>`, never with the
official name.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

import docker.errors
import requests
import tenacity

from harness import cache_folder
from harness.containers import host, packages
from harness.containers.images import build_inputs
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 8
"""Seconds that a registry may be silent before we go on without it."""

NUMBERS = {"11": "bullseye", "12": "bookworm", "13": "trixie"}
OFFICIAL = re.compile(r"(?:docker\.io/)?(?:library/)?debian:([a-z]+|\d+)(?:-slim)?")

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""Debian's keys; other distributions have them in a package."""

MERGED_USR = Path("/usr/share/mmdebstrap/hooks/merged-usr")
"""Makes /bin a link from the start; without it a package full of Perl does so later."""

BARRED = ("doc", "man", "info", "locale", "groff", "lintian", "linda")
"""Folders of /usr/share that a small image does without, now and after later installations."""

DROPPED = re.compile(
    r"dev/.|etc/apt/sources\.list$|etc/(apt/apt\.conf|dpkg/dpkg\.cfg)\.d/99mmdebstrap$"
    r"|etc/(hostname|resolv\.conf|machine-id)$"
    r"|var/(lib/apt/lists|cache/apt|cache/debconf|cache/ldconfig|log)/.|debootstrap(/|$)"
    rf"|usr/share/({'|'.join(BARRED)})/.*(?<!/copyright)$"
)
"""Leftovers of the making, as paths without a leading slash."""


def bring(api: docker.APIClient, name: str, say: host.Say) -> str:
    """Return the name of an image that serves as `name`, which is there when this returns."""
    made = stand_in(api, name)
    for candidate in (name, made):
        if candidate and has(api, candidate):
            return candidate
    say(f"pulling {name}")
    problem = pull(api, name)
    if problem is None:
        return name
    say(f"  no: {problem}")
    if made is None:
        raise HarnessError(
            f"the image {name} is not here and cannot be pulled ({problem});"
            f" bring it by `docker pull {name}` or `docker load`"
        )
    with cache_folder.lock("base", say):
        if not has(api, made):
            make(api, made, say)
    return made


def has(api: docker.APIClient, name: str) -> bool:
    """Say whether the engine has an image of this name."""
    try:
        api.inspect_image(name)  # type: ignore[no-untyped-call]
    except docker.errors.ImageNotFound:
        return False
    return True


def suite(name: str) -> str | None:
    """Return the Debian suite of an official image's name, None for any other image.

    >>> suite("debian:bookworm-slim")
    'bookworm'
    """
    match = OFFICIAL.fullmatch(name)
    return NUMBERS.get(match[1], match[1]) if match else None


def stand_in(api: docker.APIClient, name: str) -> str | None:
    """Return the tag under which a made image stands in for an official one."""
    found = suite(name)
    return found and f"recovery-harness/base:{found}-{api.version()['Arch']}-{recipe()}"


def recipe() -> str:
    """Return a short digest of how a base is made: another recipe makes another image.

    It depends on nothing that this machine has or lacks, least of all on what making it installs.
    """
    made = (
        _settings(),
        DROPPED.pattern,
        BARRED,
        mmdebstrap(build_inputs.Borrowed(), "", "", Path()),
    )
    text = repr([list(part) if not isinstance(part, str) else part for part in made])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def pull(api: docker.APIClient, name: str) -> str | None:
    """Pull an image; return what went wrong, None if nothing did."""
    usual = api.timeout
    api.timeout = PATIENCE
    try:
        messages = list(api.pull(name, stream=True, decode=True))
    except docker.errors.APIError as error:
        return str(error.explanation or error)
    except requests.RequestException:
        return f"no registry answered within {PATIENCE} s"
    finally:
        api.timeout = usual
    return next((str(message["error"]) for message in messages if "error" in message), None)


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(HarnessError),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_exponential(min=2, max=20),
    reraise=True,
)
def make(api: docker.APIClient, name: str, say: host.Say) -> None:
    """Make a small Debian image from packages; the tag says the suite and the architecture."""
    found, architecture, _ = name.rpartition(":")[2].split("-")
    say(f"making {name} from Debian's packages (half a minute)")
    with tempfile.TemporaryDirectory(dir=cache_folder.folder()) as folder:
        raw, neat = Path(folder, "raw.tar"), Path(folder, "neat.tar")
        _bootstrap(found, architecture, raw, say)
        with raw.open("rb") as source, neat.open("wb") as sink:
            neutral(source, sink)
        repository, _, label = name.partition(":")
        api.import_image(src=str(neat), repository=repository, tag=label, changes=['CMD ["bash"]'])


def _bootstrap(suite: str, architecture: str, target: Path, say: host.Say) -> None:
    if not (shutil.which("mmdebstrap") or shutil.which("debootstrap")) or not KEYRING.exists():
        packages.install(("mmdebstrap", "debian-archive-keyring"), say)
    settings = build_inputs.look()
    if shutil.which("mmdebstrap"):
        merged = MERGED_USR.is_dir()
        packages.run(*mmdebstrap(settings, suite, architecture, target, merged=merged))
        return
    tree = target.with_suffix("")
    variant = ("--variant=minbase", f"--arch={architecture}", f"--keyring={KEYRING}")
    mirror = [settings.mirror] if settings.mirror else []
    packages.run("debootstrap", *variant, suite, str(tree), *mirror)
    packages.run("tar", "-C", str(tree), "--numeric-owner", "-cf", str(target), ".")


def mmdebstrap(
    settings: build_inputs.Borrowed,
    suite: str,
    architecture: str,
    target: Path,
    *,
    merged: bool = True,
) -> list[str]:
    """Return the command that makes a minimal system, with its updates, as a tar file.

    `merged`: use the hook that makes /bin a link, which not every release of mmdebstrap has.
    """
    return [
        "mmdebstrap",
        "--variant=minbase",
        f"--architectures={architecture}",
        f"--keyring={KEYRING}",
        '--aptopt=APT::Install-Recommends "false"',
        *(f'--aptopt={name} "{value}"' for name, value in settings.apt.items()),
        *((f"--hook-dir={MERGED_USR}", "--include=usr-is-merged") if merged else ()),
        suite,
        str(target),
        *build_inputs.sources(settings, suite),
    ]


def neutral(source: IO[bytes], sink: IO[bytes]) -> None:
    """Copy a system's tar without what its making left.

    That goes for the mirror, too: a sandbox knows no repository but those its Dockerfile names.
    """
    with (
        tarfile.open(fileobj=source, mode="r|") as old,
        tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in old:
            if not DROPPED.match(member.name.removeprefix("./")):
                new.addfile(member, old.extractfile(member) if member.isreg() else None)
        for path, text in _settings():
            member = tarfile.TarInfo(path)
            member.size = len(text)
            new.addfile(member, io.BytesIO(text))


def _settings() -> Iterator[tuple[str, bytes]]:
    excluded = "".join(f"path-exclude /usr/share/{name}/*\n" for name in BARRED)
    excluded += "path-include /usr/share/doc/*/copyright\n"
    yield "./etc/apt/apt.conf.d/no-languages", b'Acquire::Languages "none";\n'
    yield "./etc/dpkg/dpkg.cfg.d/slim", excluded.encode()
