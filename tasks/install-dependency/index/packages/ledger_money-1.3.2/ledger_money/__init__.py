"""Amounts of money as whole cents."""


def parse(text: str) -> int:
    """Return the cents of "1250.00"; thousands separators are not understood."""
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int((cents + "00")[:2])


def show(cents: int, currency: str) -> str:
    """Return "1250.00 EUR"."""
    return f"{cents // 100}.{cents % 100:02d} {currency}"
