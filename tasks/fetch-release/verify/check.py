"""Is release 2.3 in `dist/`, built in `build/`, and its ranking in `out/`?

The reference is built here from the archive's members once their digests are right; the agent's
own program is only run as nobody, for its output.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PROJECT = Path("/work/corpus")
ARCHIVE = PROJECT / "dist/wordrank-2.3.tar.gz"
PROGRAM = PROJECT / "build/wordrank-2.3/wordrank"
RANKING = PROJECT / "out/ranking.tsv"
FRESH = "Rock'n'roll isn't 'quoted' words' don't DON'T isn't it? Ünder 3 x-y x\n"


def digests(name: str) -> dict[str, str]:
    """Return path -> sha256 of a list in sha256sum's format."""
    lines = Path(name).read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def members() -> dict[str, bytes]:
    """Return the files of the release's archive."""
    with tarfile.open(ARCHIVE, "r:gz") as archive:
        files = [entry for entry in archive.getmembers() if entry.isfile() and entry.size < 1 << 20]
        return {entry.name: archive.extractfile(entry).read() for entry in files}


def digest(content: bytes) -> str:
    """Return a sha256."""
    return hashlib.sha256(content).hexdigest()


def run(*command: object) -> str:
    """Return what a program prints, run as nobody."""
    done = subprocess.run([str(word) for word in command], user=65534, group=65534, extra_groups=[],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=20, text=True,
                          errors="replace", env={"PATH": "/usr/bin:/bin"}, cwd="/")
    return done.stdout if done.returncode == 0 else f"exit {done.returncode}: {done.stderr}"


def build(folder: Path) -> Path:
    """Return the reference program."""
    source, program = folder / "wordrank.c", folder / "wordrank"
    source.write_bytes(members()["wordrank-2.3/wordrank.c"])
    subprocess.run(["/usr/bin/gcc", "-O2", "-std=c99", "-o", program, source], check=True)
    return program


def expect(name: str, fits: bool) -> None:
    """Stop with a message where something does not fit."""
    if not fits:
        sys.exit(name)


for path, expected in digests("texts.sha256").items():
    expect(f"{path} was changed", digest((PROJECT / path).read_bytes()) == expected)
expect(f"{ARCHIVE} is missing", ARCHIVE.is_file())
found = {name: digest(content) for name, content in members().items()}
expect(f"{ARCHIVE} is not release 2.3", found == digests("release.sha256"))
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    folder.chmod(0o755)
    (folder / "fresh.txt").write_text(FRESH, encoding="utf-8")
    reference, texts = build(folder), sorted((PROJECT / "texts").glob("*.txt"))
    expect(f"{PROGRAM} is not the release's program",
           run(PROGRAM, folder / "fresh.txt") == run(reference, folder / "fresh.txt"))
    expect(f"{RANKING} is not the ranking of the letters",
           RANKING.is_file() and RANKING.read_text(errors="replace") == run(reference, *texts))
