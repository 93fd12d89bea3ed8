"""Are the locked packages installed, are the bills right, and is the archive whole?

The program runs as nobody with this image's own node, on a month that the agent has never seen.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

BILL = Path("/work/bill")
VAT = {"standard": 190, "reduced": 70, "none": 0}


def share(amount: int, per_mille: int) -> int:
    """Return a share in cents, half a cent rounded up."""
    return (amount * per_mille + 500) // 1000


def show(cents: int) -> str:
    """Return "12.05" for 1205."""
    return f"{cents // 100}.{cents % 100:02}"


def bill(path: Path) -> str:
    """Return a month's bill."""
    month = json.loads(path.read_text(encoding="utf-8"))
    sums: dict[str, list[int]] = {}
    for entry in month["work"]:
        net = share(entry["quarters"] * entry["rate"], 250)
        vat = share(net, VAT[entry["vat"]])
        line = sums.setdefault(entry["client"], [0, 0, 0])
        for i, cents in enumerate((net, vat, net + vat)):
            line[i] += cents
    lines = sorted(sums.items())
    lines.append(("total", [sum(values) for values in zip(*sums.values(), strict=True)]))
    rows = [["client", "net", "vat", "gross"], *([name, *map(show, each)] for name, each in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    shown = ["  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
             for row in rows]
    rule = "-" * max(map(len, shown))
    return "\n".join([month["month"], "", shown[0], rule, *shown[1:]])


def expect(name: str, wanted: object, found: object) -> None:
    """Stop with a message where two things differ."""
    if wanted != found:
        sys.exit(f"{name}: wanted {str(wanted)[-300:]}, found {str(found)[-300:]}")


def read(path: Path) -> str:
    """Return a file's text without blanks at its ends."""
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""


def nobody(*command: str) -> str:
    """Return what a command prints, run as nobody in the project's folder."""
    done = subprocess.run(
        command, cwd=BILL, user=65534, group=65534, extra_groups=[], timeout=60, text=True,
        stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
        check=False, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
    )
    return done.stdout.strip() if done.returncode == 0 else f"exit {done.returncode}: {done.stderr[-300:]}"


for line in Path("files.sha256").read_text().splitlines():
    digest, name = line.split("  ", 1)
    path = Path(name)
    expect(name, digest, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None)
manifest = json.loads(read(BILL / "package.json"))
lock = json.loads(read(BILL / "package-lock.json"))["packages"]
expect("package.json's dependencies", lock[""]["dependencies"], manifest["dependencies"])
for name, told in lock.items():
    if name:
        expect(name, told["version"], json.loads(read(BILL / name / "package.json"))["version"])
for month in ("january", "february"):
    expect(f"out/{month}.txt", bill(BILL / f"data/{month}.json"), read(BILL / f"out/{month}.txt"))
with tarfile.open(BILL / "out/bill-1.6.0.tgz") as archive:
    names = set(archive.getnames())
    for name in ("bin/bill.js", "lib/bill.js"):
        packed = archive.extractfile(f"package/{name}") if f"package/{name}" in names else None
        expect(f"{name} in the archive", (BILL / name).read_bytes(), packed.read() if packed else None)
with tempfile.TemporaryDirectory() as home:
    os.chmod(home, 0o755)
    fresh = shutil.copy("data/june.json", home)
    expect("the program", bill(Path(fresh)), nobody("/usr/bin/node", "bin/bill.js", fresh))
expect("node --test", True, "# fail 0" in nobody("/usr/bin/node", "--test"))
