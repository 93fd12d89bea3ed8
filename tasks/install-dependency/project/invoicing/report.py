"""Adds invoices up by customer and currency and lays them out as a table."""

from collections import defaultdict
from collections.abc import Iterable

from invoicing.books import Invoice
from ledger_money import show
from ledger_tables import table

HEADER = ("customer", "invoices", "net", "VAT", "gross")


def totals(invoices: Iterable[Invoice]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return (count, net, vat) by (customer, currency)."""
    sums: dict[tuple[str, str], tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for one in invoices:
        count, net, vat = sums[one.customer, one.currency]
        sums[one.customer, one.currency] = (count + 1, net + one.net, vat + one.vat)
    return dict(sums)


def report(invoices: Iterable[Invoice]) -> str:
    """Return the table that accounting sends."""
    sums = totals(invoices)
    rows = [row(name, currency, *sums[name, currency]) for name, currency in sorted(sums)]
    for currency in sorted({currency for _, currency in sums}):
        parts = [value for (_, unit), value in sums.items() if unit == currency]
        rows.append(row(f"total {currency}", currency, *map(sum, zip(*parts, strict=True))))
    return table(HEADER, rows, align="<>>>>")


def row(name: str, currency: str, count: int, net: int, vat: int) -> tuple[str, ...]:
    """Return one line of the table."""
    return (name, str(count), *(show(cents, currency) for cents in (net, vat, net + vat)))
