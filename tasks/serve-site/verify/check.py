"""Does nginx serve, on port 8088, the very pages that the handbook's sources give?"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PROJECT = Path("/work/handbook")


def intact() -> bool:
    """Say whether the sources are the ones that were handed over."""
    lines = [line.split("  ", 1) for line in Path("project.sha256").read_text().splitlines()]
    return all(
        (PROJECT / path).is_file()
        and hashlib.sha256((PROJECT / path).read_bytes()).hexdigest() == digest
        for digest, path in lines
    )


def served(path: str) -> tuple[str, bytes]:
    """Return the server's name and what it answers."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:8088/{path}", timeout=10) as answer:
        return str(answer.headers["Server"]), answer.read()


if not intact():
    sys.exit("the handbook's sources were changed")
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-I", "-S", PROJECT / "build.py", folder], check=True)
    pages = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
for name, expected in {**pages, "": pages["index.html"]}.items():
    try:
        server, found = served(name)
    except (URLError, OSError) as error:
        sys.exit(f"/{name}: {error}")
    if not server.startswith("nginx"):
        sys.exit(f"/{name} is served by {server}")
    if found != expected:
        sys.exit(f"/{name} is not the page that the sources give")
