"""The sheet of a day: a line for each order, and the total."""

from collections.abc import Iterator

from tariff_money import per_kilo, show
from tariff_quote import quote

SURCHARGE = 35
"""Cents a kilogram above 10 kg."""


def price(grams: int, postcode: str) -> int:
    """Return what one order costs, in cents."""
    return quote(grams, postcode) + per_kilo(max(0, grams - 10_000), SURCHARGE)


def rows(orders: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Return the lines of the sheet."""
    prices = [price(int(order["grams"]), order["postcode"]) for order in orders]
    for order, cents in zip(orders, prices, strict=True):
        yield order["order"], show(cents)
    yield "total", show(sum(prices))
