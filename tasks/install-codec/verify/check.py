"""Is the library installed and sound, does the program use it, and is the report right?

What the agent built runs as nobody, on records that it has never seen.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STATION, OPT = Path("/work/station"), Path("/opt/packline")
PROBE = r"""
#include <packline.h>
#include <stdio.h>
#include <string.h>
static void show(void *to, int tenths) { (void)to; printf("%d\n", tenths); }
int main(void)
{
    static unsigned char data[65536];
    size_t size = fread(data, 1, sizeof data, stdin);
    int frames = packline_read(data, size, show, NULL);
    int cut = packline_read(data, size - 1, show, NULL);
    data[size - 1] ^= 1;
    printf("%d %d %s\n", frames, packline_read(data, size, show, NULL) + cut, packline_version());
    return 0;
}
"""


def readings(data: bytes) -> tuple[int, list[int]]:
    """Return the number of frames, and what they hold."""
    frames, values = 0, []
    while data:
        for at in range(1, 1 + 3 * data[0], 3):
            value = int.from_bytes(data[at + 1 : at + 3], "big", signed=True)
            values += [value] * (data[at] + 1)
        data, frames = data[2 + 3 * data[0] :], frames + 1
    return frames, values


def row(path: Path) -> str:
    """Return a record's line of the report."""
    frames, values = readings(path.read_bytes())
    mean = sum(values) / len(values) / 10
    low, high = min(values) / 10, max(values) / 10
    return f"{path.stem}\t{frames}\t{len(values)}\t{low:.1f}\t{high:.1f}\t{mean:.2f}"


def same(told: str, paths: list[Path]) -> bool:
    """Say whether a report says what the records say, in whatever order."""
    head, *rows = told.splitlines() or [""]
    return head.startswith("station\tframes") and sorted(rows) == sorted(map(row, paths))


def nobody(command: list[str], given: bytes = b"") -> str:
    """Return what a command prints, run as nobody with the installed library."""
    done = subprocess.run(
        command, user=65534, group=65534, extra_groups=[], timeout=30, cwd="/", input=given,
        capture_output=True, check=False,
        env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(OPT / "lib"), "LC_ALL": "C.UTF-8"},
    )
    return done.stdout.decode("utf-8", "replace") + (f"exit {done.returncode}" * (done.returncode != 0))


def intact() -> bool:
    """Say whether the sources and the records are those that were handed over."""
    lines = Path("files.sha256").read_text().splitlines()
    return all(
        Path(path).is_file() and hashlib.sha256(Path(path).read_bytes()).hexdigest() == digest
        for digest, path in (line.split("  ", 1) for line in lines)
    )


def probe(home: Path, record: bytes) -> str:
    """Return what a small program of ours, linked against the installed library, says."""
    (home / "probe.c").write_text(PROBE)
    subprocess.run(
        ["gcc", "-o", home / "probe", home / "probe.c", f"-I{OPT}/include", f"-L{OPT}/lib", "-lpackline"],
        check=False,
    )
    return nobody([str(home / "probe")], record) if (home / "probe").exists() else "does not link"


def main() -> None:
    """Stop at the first thing that is not as it was asked for."""
    if not intact():
        sys.exit("sources or records were changed")
    report, program = STATION / "report.tsv", STATION / "bin/report"
    if not report.is_file() or not same(report.read_text(), sorted(STATION.glob("data/*.rec"))):
        sys.exit(f"{report} is missing or wrong")
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        home = Path(name)
        fresh = [Path(shutil.copy(path, home)) for path in sorted(Path("data").glob("*.rec"))]
        for path in fresh:
            frames, values = readings(path.read_bytes())
            said = probe(home, path.read_bytes()).split("\n")
            if said[: len(values)] != list(map(str, values)) or said[-2] != f"{frames} -2 2.3":
                sys.exit(f"the installed library: {said[-3:]}")
        if not same(nobody([str(program), *map(str, fresh)]), fresh):
            sys.exit(f"{program} is wrong")
    needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=False)
    if "[libpackline.so.2]" not in needed.stdout:
        sys.exit(f"{program} does not use the shared library")


main()
