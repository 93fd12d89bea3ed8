"""Has the machine the wanted packages, does dpkg agree with itself, and are the labels right?

Everything is read as data; nothing that the agent left is run.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

DESK, DPKG = Path("/work/desk"), Path("/var/lib/dpkg")
WANTED = {
    "desk-base": ("2.1", "install ok installed"),
    "desk-fonts": ("1.0", "hold ok installed"),
    "desk-labels": ("2.1", "install ok installed"),
}
CODES = {"harbour": "HB-3", "market": "MK-1", "mill": "ML-2", "quarry": "QY-1"}


def stanzas() -> dict[str, dict[str, str]]:
    """Return the fields of every package that dpkg knows."""
    text = (DPKG / "status").read_text(encoding="utf-8")
    packages = [dict(re.findall(r"^([A-Za-z-]+): ?(.*)$", part, re.M)) for part in text.split("\n\n")]
    return {package["Package"]: package for package in packages if package}


def label(order: dict) -> str:
    """Return the line that desk-labels prints."""
    name = order["name"][:18]
    return f"counter {order['number']} {name:18} {CODES[order['place']]} x{len(order['pieces'])}"


def lines(path: Path) -> list[str]:
    """Return a file's lines; a missing one has none."""
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []


def expect(name: str, wanted: object, found: object) -> None:
    """Stop with a message where two things differ."""
    if wanted != found:
        sys.exit(f"{name}: wanted {str(wanted)[:300]}, found {str(found)[:300]}")


for line in Path("files.sha256").read_text().splitlines():
    digest, path = line.split("  ", 1)
    found = hashlib.sha256(Path(path).read_bytes()).hexdigest() if Path(path).is_file() else None
    expect(path, digest, found)
known = stanzas()
desks = {name: (p.get("Version"), p["Status"]) for name, p in known.items() if name.startswith("desk-")}
expect("desk- packages", WANTED, desks)
expect("jq", "install ok installed", known["jq"]["Status"])
odd = [n for n, p in known.items() if p["Status"].split()[1:] not in (["ok", "installed"], ["ok", "config-files"])]
expect("packages that are not whole", [], odd)
expect("updates that dpkg has not read", [], [p.name for p in (DPKG / "updates").glob("*") if p.stat().st_size])
for name, path in (("desk-labels", "/usr/bin/desk-labels"), ("desk-base", "/usr/share/desk/places.tsv")):
    expect(f"the files of {name}", True, path in lines(DPKG / f"info/{name}.list"))
for gone in ("/usr/bin/desk-serial", "/etc/desk-legacy/line.conf"):
    expect(gone, False, Path(gone).exists())
settings = dict(line.split("=", 1) for line in lines(Path("/etc/desk/printer.conf")) if "=" in line)
expect("printer.conf", ("counter", "18"), (settings.get("printer"), settings.get("width")))
expect("the index", CODES, dict(line.split("\t") for line in lines(Path("/var/lib/desk/index"))))
orders = [o for day in ("today", "tomorrow")
          for o in json.loads((DESK / f"orders/{day}.json").read_text(encoding="utf-8"))["orders"]]
expect("labels.txt", [label(order) for order in orders], lines(DESK / "labels.txt"))
expect("installed.txt", [f"{n} {v}" for n, (v, _) in sorted(WANTED.items())],
       [" ".join(line.split()) for line in lines(DESK / "installed.txt") if line.strip()])
