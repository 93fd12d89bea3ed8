"""Reads invoices from a CSV file: number, date, customer, currency, net, vat_percent."""

import csv
from dataclasses import dataclass

from ledger_money import parse


@dataclass(frozen=True)
class Invoice:
    """One invoice; `net` is in cents, `vat_percent` a whole number."""

    number: str
    customer: str
    currency: str
    net: int
    vat_percent: int

    @property
    def vat(self) -> int:
        """The tax in cents, half a cent rounded up."""
        return (self.net * self.vat_percent + 50) // 100


def read(path: str) -> list[Invoice]:
    """Return the invoices of a file in their order."""
    with open(path, encoding="utf-8", newline="") as stream:
        return [
            Invoice(
                row["number"],
                row["customer"].strip(),
                row["currency"],
                parse(row["net"]),
                int(row["vat_percent"]),
            )
            for row in csv.DictReader(stream)
        ]
