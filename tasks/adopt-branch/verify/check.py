"""Are the branch's orders in this machine's PostgreSQL, every one as it was?"""

import csv
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ADOPT = Path("/work/adopt")
DIGESTS = {
    "customers": "f0dbe2a16759a6235dccb4506ddac94df9d8853ca8ed24ccd79b91b0f68fe0f9",
    "orders": "939c3fe61b6571c4737f0cf19ffcc29a72a0964e8f8a801039cd2553a3172532",
}
QUERIES = {
    "customers": "SELECT id, email, name FROM customers ORDER BY id",
    "orders": "SELECT id, customer, placed_on, item, quantity, price FROM orders ORDER BY id",
}
COMPARISON = """branch:
customers 400 80200
orders 3000 4501500
cents 9000 6303500
head office:
customers 400 80200
orders 3000 4501500
cents 9000 6303500
alike
"""


def psql(password: str, query: str) -> subprocess.CompletedProcess[str]:
    """Ask the server on the port of the trial's machine."""
    words = ["/usr/lib/postgresql/15/bin/psql", "-wqX", "--csv", "-v", "ON_ERROR_STOP=1",
             "-h", "127.0.0.1", "-p", "5432", "-U", "shop", "-d", "office", "-c", query]
    return subprocess.run(words, env={"PGPASSWORD": password, "PATH": os.defpath},
                          capture_output=True, text=True, timeout=30, check=False)


def rows(query: str) -> list[list[str]]:
    """Return the answer's rows, or stop."""
    done = psql("shop-Rotkehlchen-88", query)
    if done.returncode != 0:
        sys.exit(f"{query}: {done.stderr}")
    return list(csv.reader(io.StringIO(done.stdout)))[1:]


def expect(name: str, expected: Any, found: Any) -> None:
    """Stop with a message where two things differ."""
    if expected != found:
        sys.exit(f"{name}: expected {expected}, found {found}")


for name, query in QUERIES.items():
    table = "\n".join("\t".join(row) for row in rows(query))
    expect(name, DIGESTS[name], hashlib.sha256(table.encode()).hexdigest())
expect("tables", [["customers", "shop"], ["orders", "shop"]],
       rows("SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'shop' ORDER BY 1"))
expect("column types", [["integer"], ["integer"], ["date"], ["text"], ["integer"], ["numeric"]],
       rows("SELECT data_type FROM information_schema.columns WHERE table_schema = 'shop' "
            "AND table_name = 'orders' ORDER BY ordinal_position"))
expect("foreign keys", [["orders"]],
       rows("SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'f'"))
expect("superusers", [["postgres"]], rows("SELECT rolname FROM pg_roles WHERE rolsuper"))
if psql("wrong", "SELECT 1").returncode == 0:
    sys.exit("anybody may be shop")
expect("reports/comparison.txt", COMPARISON,
       (ADOPT / "reports/comparison.txt").read_text(encoding="utf-8"))
