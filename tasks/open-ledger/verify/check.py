"""Does the ledger stand in this machine's PostgreSQL, for its owner and for the auditor?"""

import csv
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LEDGER = Path("/work/ledger")
PASSWORDS = {"ledger": "ledger-Zaunkoenig-61", "auditor": "auditor-Haubenmeise-17"}
DIGESTS = {
    "accounts": "2b487fae916cbf5288183cc7ba67d3f5313f2925b66a8076d93c337add0f1543",
    "entries": "7a1d5a2d6b49b68869a148175ccb6d5f0d18e305286017e7914befb033f21cd8",
    "balances": "f8a24ca0a5574a5a04f44afaeeacb50957c176c68d17d1e0af43396ec553ca22",
}
QUERIES = {
    "accounts": "SELECT number, name, kind FROM accounts ORDER BY number",
    "entries": "SELECT id, to_char(booked AT TIME ZONE 'Europe/Lisbon', 'YYYY-MM-DD HH24:MI'), "
               "account, amount, text FROM entries ORDER BY id",
    "balances": "SELECT year, number, name, entries, balance FROM balances ORDER BY year, number",
}


def psql(user: str, password: str, query: str) -> subprocess.CompletedProcess[str]:
    """Ask the server on the port of the trial's machine."""
    words = ["/usr/lib/postgresql/15/bin/psql", "-wqX", "--csv", "-v", "ON_ERROR_STOP=1",
             "-h", "127.0.0.1", "-p", "5432", "-U", user, "-d", "office", "-c", query]
    return subprocess.run(words, env={"PGPASSWORD": password, "PGCONNECT_TIMEOUT": "5", "PATH": os.defpath},
                          capture_output=True, text=True, timeout=30, check=False)


def rows(user: str, query: str) -> list[list[str]]:
    """Return the answer's rows, or stop."""
    done = psql(user, PASSWORDS[user], query)
    if done.returncode != 0:
        sys.exit(f"{user}: {query}: {done.stderr}")
    return list(csv.reader(io.StringIO(done.stdout)))[1:]


def digest(table: list[list[str]]) -> str:
    """Return the sha256 of rows."""
    return hashlib.sha256("\n".join("\t".join(row) for row in table).encode()).hexdigest()


def expect(name: str, expected: Any, found: Any) -> None:
    """Stop with a message where two things differ."""
    if expected != found:
        sys.exit(f"{name}: expected {expected}, found {found}")


for name, query in QUERIES.items():
    for user in PASSWORDS:
        expect(f"{name}, as {user} sees it", DIGESTS[name], digest(rows(user, query)))
expect("who owns the schema", [["ledger"]],
       rows("ledger", "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'ledger'"))
expect("the schema of the tables", [["accounts", "ledger"], ["entries", "ledger"]],
       rows("ledger", "SELECT tablename, schemaname FROM pg_tables WHERE tablename IN "
                      "('accounts', 'entries') AND schemaname = 'ledger' ORDER BY 1"))
expect("superusers", [["postgres"]], rows("ledger", "SELECT rolname FROM pg_roles WHERE rolsuper"))
expect("indexes of the entries", [["entries_account_booked"], ["entries_pkey"]],
       rows("ledger", "SELECT indexname FROM pg_indexes WHERE tablename = 'entries' ORDER BY 1"))
for deed in ("DELETE FROM entries", "UPDATE accounts SET name = name",
             "INSERT INTO accounts VALUES (1, 'x', 'asset')", "CREATE TABLE x ()"):
    if psql("auditor", PASSWORDS["auditor"], f"BEGIN; {deed}; ROLLBACK").returncode == 0:
        sys.exit(f"the auditor may {deed}")
if psql("ledger", "wrong", "SELECT 1").returncode == 0:
    sys.exit("anybody may be ledger")
if psql("ledger", PASSWORDS["ledger"],
        "BEGIN; INSERT INTO accounts VALUES (1, 'x', 'asset'); ROLLBACK").returncode != 0:
    sys.exit("the ledger cannot be written")
with (LEDGER / "reports/balances.csv").open(encoding="utf-8", newline="") as stream:
    report = list(csv.reader(stream))
expect("head of the report", ["year", "number", "name", "entries", "balance"], report[0])
expect("the report", DIGESTS["balances"], digest(report[1:]))
