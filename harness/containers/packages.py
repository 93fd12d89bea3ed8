"""Programs of the host: run to their end, and installed where they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable

import tenacity

from harness.errors import HarnessError


def install(packages: Iterable[str], say: Callable[[str], None]) -> None:
    """Install packages of the distribution, without what they merely recommend."""
    wanted = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise HarnessError(
            f"{wanted} must be installed; as root on Debian or Ubuntu this is done for you:"
            f" `apt-get install --no-install-recommends {wanted}`"
        )
    say(f"installing {wanted} (apt-get)")
    _apt(wanted.split())


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(HarnessError),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_exponential(min=2, max=20),
    reraise=True,
)
def _apt(packages: list[str]) -> None:
    # A source that is out of reach need not matter: whether the packages come is what counts.
    run("apt-get", "update", "-q", fatal=False)
    patience = ("-o", "DPkg::Lock::Timeout=120")
    run("apt-get", "install", "-y", "-q", *patience, "--no-install-recommends", *packages)


def run(*command: str, fatal: bool = True) -> str:
    """Run a command of the host to its end and return its output.

    Raises HarnessError with the last lines where it fails, unless that is not `fatal`.
    """
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if fatal and done.returncode:
        raise HarnessError(f"`{' '.join(command)}` failed:\n{tail(done.stdout)}")
    return done.stdout


def tail(text: str, lines: int = 20) -> str:
    """Return the last lines of a text."""
    return "\n".join(text.splitlines()[-lines:])
