"""Is the environment the pinned one, does the program run in it, and are the sheets right?

What the agent installed runs as nobody, on orders that it has never seen.
"""

import csv
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path("/work/parcel")
VENV = PROJECT / ".venv"
SITE = VENV / "lib/python3.11/site-packages"
ZONES = {digit: zone for digit, zone in zip("0123456789", (1, 1, 2, 2, 3, 1, 2, 3, 4, 4), strict=True)}
BASE = {1: 390, 2: 490, 3: 690, 4: 990}
RATE = {1: 115, 2: 145, 3: 195, 4: 335}
PINS = ["tariff-money==1.4.0", "tariff-quote==3.1.0", "tariff-zones==2.0.1"]


def per_kilo(grams: int, rate: int) -> int:
    """Return cents, half a cent rounded up."""
    return (grams * rate + 500) // 1000


def price(grams: int, postcode: str) -> int:
    """Return what a parcel costs, in cents, without the surcharge."""
    zone = ZONES[postcode[0]]
    return BASE[zone] + per_kilo(grams, RATE[zone])


def show(cents: int) -> str:
    """Return "12.05" for 1205."""
    return f"{cents // 100}.{cents % 100:02}"


def sheet(path: Path) -> str:
    """Return the sheet of a day."""
    orders = list(csv.DictReader(path.read_text().splitlines()))
    prices = [price(int(o["grams"]), o["postcode"]) + per_kilo(max(0, int(o["grams"]) - 10_000), 35) for o in orders]
    rows = [f"{o['order']}\t{show(cents)}" for o, cents in zip(orders, prices, strict=True)]
    return "\n".join([*rows, f"total\t{show(sum(prices))}"])


def table() -> str:
    """Return what `quote --table` prints."""
    return "\n".join(
        "\t".join([digit, *(show(price(grams, f"{digit}0000")) for grams in (333, 1234, 5555))])
        for digit in "0123456789"
    )


def read(path: Path) -> str:
    """Return a file's text without blanks at its ends."""
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""


def nobody(*command: str) -> str:
    """Return what a command prints, run as nobody in the project's folder."""
    try:
        done = subprocess.run(
            command, cwd=PROJECT, user=65534, group=65534, extra_groups=[], timeout=30, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, errors="replace", check=False,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        )
    except OSError as error:
        return str(error)
    return done.stdout.strip() if done.returncode == 0 else f"exit {done.returncode}: {done.stderr[-300:]}"


def expect(name: str, wanted: object, found: object) -> None:
    """Stop with a message where two things differ."""
    if wanted != found:
        sys.exit(f"{name}: wanted {str(wanted)[-300:]}, found {str(found)[-300:]}")


for folder, listed in ((PROJECT, "project.sha256"), (SITE, "packages.sha256")):
    for line in Path(listed).read_text().splitlines():
        digest, name = line.split("  ", 1)
        path = folder / name
        expect(str(path), digest, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None)
python = VENV / "bin/python"
expect("the interpreter", True, python.exists() and python.resolve() == Path("/usr/bin/python3").resolve())
for pin in PINS:
    name, version = pin.replace("-", "_").split("==")
    expect(f"{pin} is installed", True, (SITE / f"{name}-{version}.dist-info/METADATA").is_file())
for day in ("monday", "tuesday"):
    expect(f"out/{day}.tsv", sheet(PROJECT / f"orders/{day}.csv"), read(PROJECT / f"out/{day}.tsv"))
expect("out/table.tsv", table(), read(PROJECT / "out/table.tsv"))
expect("out/installed.txt", PINS, sorted(read(PROJECT / "out/installed.txt").splitlines()))
with tempfile.TemporaryDirectory() as home:
    os.chmod(home, 0o755)
    fresh = shutil.copy("orders/fresh.csv", home)
    expect("the program", sheet(Path(fresh)), nobody(str(python), "-m", "parcel", fresh))
expect("quote", show(price(2345, "70173")), nobody(str(VENV / "bin/quote"), "2345", "70173"))
