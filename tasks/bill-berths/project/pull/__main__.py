"""The command line: `python3 -m pull [--pause SECONDS] bookings|ships|bill|close ARGUMENT`."""

import argparse
import csv
import hashlib
import json
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

BASE = "https://port.internal:8443"
DATA, OUT = Path("data"), Path("out")
QUARTERS = {"2024-q1": ("2024-01", "2024-02", "2024-03")}
NIGHT, METRE = 350, 45
"""What a night costs, and every metre of it: cents."""


def ask(path: str, pause: float, body: dict[str, str] | None = None) -> Any:
    """Return the service's answer to one request."""
    time.sleep(pause)
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(BASE + path, data=data), timeout=1.5) as answer:
        return json.load(answer)


def store(path: Path, content: Any) -> None:
    """Write JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")
    print(path)


def bookings(month: str, pause: float) -> None:
    """Store every booking of a month."""
    rows: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = ask(f"/v2/bookings?month={month}&after={after}", pause)
        rows += page["bookings"]
        after = page["next"]
    store(DATA / f"bookings-{month}.json", rows)


def ships(_: str, pause: float) -> None:
    """Store every ship."""
    store(DATA / "ships.json", ask("/v2/ships", pause)["ships"])


def bill(quarter: str, _: float) -> None:
    """Write what each ship owes."""
    owed: dict[str, list[int]] = {}
    metres = {ship["id"]: ship["metres"] for ship in json.loads((DATA / "ships.json").read_text())}
    names = {ship["id"]: ship["name"] for ship in json.loads((DATA / "ships.json").read_text())}
    for month in QUARTERS[quarter]:
        for row in json.loads((DATA / f"bookings-{month}.json").read_text()):
            if not row["cancelled"]:
                sums = owed.setdefault(row["ship"], [0, 0, 0])
                fee = row["nights"] * (NIGHT + METRE * metres[row["ship"]])
                for i, value in enumerate((1, row["nights"], fee)):
                    sums[i] += value
    OUT.mkdir(exist_ok=True)
    with (OUT / f"bill-{quarter}.csv").open("w", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["ship", "name", "bookings", "nights", "cents"])
        table.writerows([ship, names[ship], *sums] for ship, sums in sorted(owed.items()))
    print(OUT / f"bill-{quarter}.csv")


def close(quarter: str, pause: float) -> None:
    """Hand the bill in."""
    digest = hashlib.sha256((OUT / f"bill-{quarter}.csv").read_bytes()).hexdigest()
    receipt = ask("/v2/closings", pause, {"quarter": quarter, "sha256": digest})
    store(OUT / f"receipt-{quarter}.json", receipt)


VERBS = {"bookings": bookings, "ships": ships, "bill": bill, "close": close}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="pull")
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("argument", nargs="?", default="")
    words = parser.parse_args()
    VERBS[words.verb](words.argument, words.pause)
