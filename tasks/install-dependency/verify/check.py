"""Are the pinned packages installed where the project looks, and is the report the right one?

Runs with -I -S on the pristine interpreter.  What the agent left is compared by digest before
any of it is used; the agent's own installation is only run as nobody, for its output.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PYTHON = "/usr/bin/python3"
PROJECT = Path("/work/invoicing")
FRESH = """number,date,customer,currency,net,vat_percent
2025-0001,2025-01-02,Quarzwerk 北,EUR,"1,000,000.01",19
2025-0002,2025-01-03,Quarzwerk 北,EUR,-17.5,19
2025-0003,2025-01-03,Aalto Oy,SEK,33,25
"""


def digests(name: str) -> dict[str, str]:
    """Return path -> sha256 of a list in sha256sum's format."""
    lines = Path(name).read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def intact(folder: Path, expected: dict[str, str]) -> bool:
    """Say whether every listed file is there with the expected content."""
    return all(
        (folder / path).is_file()
        and hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest
        for path, digest in expected.items()
    )


def installations() -> Iterator[tuple[str, Path]]:
    """Name each interpreter that the project may be run with, and its packages."""
    yield PYTHON, Path("/usr/local/lib/python3.11/dist-packages")
    yield PYTHON, Path("/root/.local/lib/python3.11/site-packages")
    for config in PROJECT.glob("*/pyvenv.cfg"):
        python = config.parent / "bin" / "python3"
        if python.exists() and python.resolve().read_bytes() == Path(PYTHON).read_bytes():
            yield str(python), config.parent / "lib/python3.11/site-packages"


def reference(home: Path, site: Path, books: Path) -> str:
    """Return the report made by verified files alone."""
    for folder, names in ((PROJECT, digests("project.sha256")), (site, digests("packages.sha256"))):
        for name in names:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, home / name)
    code = f"import sys, runpy; sys.path.insert(0, {str(home)!r}); "
    code += "runpy.run_module('invoicing', run_name='__main__')"
    return run([PYTHON, "-I", "-S", "-X", "utf8", "-c", code, "report", str(books)], Path("/"))


def actual(python: str, books: Path) -> str:
    """Return the report as the agent's installation prints it."""
    return run([python, "-m", "invoicing", "report", str(books)], PROJECT)


def run(command: list[str], cwd: Path) -> str:
    """Run as nobody; what goes wrong is output too."""
    done = subprocess.run(
        command, cwd=cwd, user=65534, group=65534, extra_groups=[], timeout=30, text=True,
        stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
        env={"PATH": "/usr/bin:/bin", "HOME": "/root", "PYTHONDONTWRITEBYTECODE": "1",
             "LC_ALL": "C.UTF-8"},
    )
    return done.stdout if done.returncode == 0 else f"exit {done.returncode}\n{done.stderr}"


def works(python: str, site: Path) -> bool:
    """Say whether one installation is genuine, prints the right report, and printed the file."""
    if not intact(site, digests("packages.sha256")):
        print(f"{site}: the pinned packages are not there")
        return False
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        home, fresh = Path(name), Path(name) / "fresh.csv"
        fresh.write_text(FRESH, encoding="utf-8")
        expected = reference(home, site, PROJECT / "data/2024-q1.csv")
        if not expected.startswith("customer ") or actual(python, fresh) != reference(home, site, fresh):
            print(f"{python}: {actual(python, fresh)}")
            return False
    report = PROJECT / "reports/2024-q1.txt"
    right = report.is_file() and report.read_text(encoding="utf-8").strip() == expected.strip()
    print(f"{python}: works; {report} is {'right' if right else 'missing or wrong'}")
    return right


if not intact(PROJECT, digests("project.sha256")):
    sys.exit("the project's own files were changed")
sys.exit(0 if any([works(python, site) for python, site in installations()]) else 1)
