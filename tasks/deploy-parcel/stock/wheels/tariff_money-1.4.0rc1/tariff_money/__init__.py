"""Amounts of money: whole cents."""


def per_kilo(grams: int, rate: int) -> int:
    """Return the cents for a weight at a rate in cents a kilogram."""
    return grams // 1000 * rate


def show(cents: int) -> str:
    """Return "12.05" for 1205."""
    return f"{cents // 100}.{cents % 100:02}"
