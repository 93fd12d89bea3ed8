"""Amounts of money: whole cents."""


def by_weight(kilograms: float, rate: int) -> int:
    """Return the cents for a weight at a rate in cents a kilogram."""
    return round(kilograms * rate)


def show(cents: int) -> str:
    """Return "12.05" for 1205."""
    return f"{cents // 100}.{cents % 100:02}"
