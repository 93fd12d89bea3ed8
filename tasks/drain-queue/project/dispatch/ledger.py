"""What has been invoiced, and the invoices."""

import csv
import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

OUT = Path(__file__).parent.parent / "out"
ROUNDS = 8000


def invoice(order: dict[str, str]) -> None:
    """Write one order's invoice, and then its line in the ledger."""
    (OUT / "invoices").mkdir(parents=True, exist_ok=True)
    text = f"Invoice for order {order['id']}\n{order['customer']}\n{order['cents']} cents\n"
    signed = f"{text}{signature(text)}\n"
    (OUT / "invoices" / f"{order['id']}.txt").write_text(signed, encoding="utf-8")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with (OUT / "ledger.csv").open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow(
            [order["id"], order["customer"], order["cents"], now])


def signature(text: str) -> str:
    """Return what shows that nobody has changed a text; slow on purpose."""
    return hashlib.pbkdf2_hmac("sha256", text.encode(), b"dispatch", ROUNDS).hex()


def lines() -> list[list[str]]:
    """Return the ledger."""
    if not (OUT / "ledger.csv").exists():
        return []
    with (OUT / "ledger.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def invoiced() -> set[str]:
    """Return the orders in the ledger."""
    return {line[0] for line in lines()}


def report(stream: TextIO) -> None:
    """Write what each customer is to pay."""
    sums: dict[str, int] = {}
    for _, customer, cents, _ in lines():
        sums[customer] = sums.get(customer, 0) + int(cents)
    out = csv.writer(stream, lineterminator="\n")
    out.writerow(["customer", "cents"])
    out.writerows(sorted(sums.items()))


def forget() -> None:
    """Throw everything away."""
    shutil.rmtree(OUT, ignore_errors=True)
