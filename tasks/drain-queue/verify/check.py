"""Is every order invoiced exactly once, now, and does the queue know?"""

import csv
import hashlib
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DISPATCH = Path("/work/dispatch")
DIGEST = "7845c21b0c91322e08b14ee7d300fdf5b77da628162202cb8b8ec051a597e2e9"
CRON = ["20 2 * * * cd /work/dispatch && python3 -m dispatch work",
        "50 2 * * 1-5 cd /work/dispatch && python3 -m dispatch report > out/summary.csv"]


def redis_cli(*words: str) -> str:
    """Return what redis-cli prints."""
    done = subprocess.run(["/usr/bin/redis-cli", "-h", "127.0.0.1", *words],
                          capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        sys.exit(f"redis-cli {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def ask(*words: str) -> Any:
    """Return Redis' answer to one command."""
    return json.loads(redis_cli("--json", *words))


def expect(name: str, expected: Any, found: Any) -> None:
    """Stop with a message where two things differ."""
    if expected != found:
        sys.exit(f"{name}: expected {str(expected)[:200]}, found {str(found)[:200]}")


def invoice(order: dict[str, str]) -> str:
    """Return the invoice as it must be."""
    text = f"Invoice for order {order['id']}\n{order['customer']}\n{order['cents']} cents\n"
    return text + hashlib.pbkdf2_hmac("sha256", text.encode(), b"dispatch", 8000).hex() + "\n"


data = (DISPATCH / "data/orders.jsonl").read_bytes()
expect("digest of the orders", DIGEST, hashlib.sha256(data).hexdigest())
orders = [json.loads(line) for line in data.decode().splitlines()]
ids = [order["id"] for order in orders]
with (DISPATCH / "out/ledger.csv").open(encoding="utf-8", newline="") as stream:
    ledger = list(csv.reader(stream))
expect("orders in the ledger", Counter(ids), Counter(line[0] for line in ledger))
expect("the ledger", sorted((o["id"], o["customer"], o["cents"]) for o in orders),
       sorted((line[0], line[1], line[2]) for line in ledger))
for line in ledger:
    if abs(datetime.now(UTC) - datetime.fromisoformat(line[3])) > timedelta(days=1):
        sys.exit(f"{line[0]} was not invoiced on {line[3]}")
for order in orders:
    expect(order["id"], invoice(order),
           (DISPATCH / f"out/invoices/{order['id']}.txt").read_text(encoding="utf-8"))
sums: Counter[str] = Counter()
for order in orders:
    sums[order["customer"]] += int(order["cents"])
with (DISPATCH / "out/summary.csv").open(encoding="utf-8", newline="") as stream:
    expect("summary", [["customer", "cents"], *([c, str(n)] for c, n in sorted(sums.items()))],
           list(csv.reader(stream)))
expect("orders:pending", 0, ask("LLEN", "orders:pending"))
expect("orders:working", 0, ask("LLEN", "orders:working"))
expect("orders:done", sorted(ids), sorted(ask("SMEMBERS", "orders:done")))
facts = dict(line.split(":", 1) for line in redis_cli("INFO").split() if ":" in line)
expect("changes that are not on disk", "0", facts["rdb_changes_since_last_save"])
expect("role", "master", facts["role"])
table = Path("/var/spool/cron/crontabs/root").read_text(encoding="utf-8").splitlines()
expect("root's crontab", CRON, [line for line in table if line.strip() and line[0] != "#"])
