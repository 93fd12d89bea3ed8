"""Amounts of money as whole cents."""

SIGNS = {"-": -1, "+": 1}


def parse(text: str) -> int:
    """Return the cents of "1,250.00", "-3.5" or "17"."""
    text = text.strip().replace(",", "")
    sign = SIGNS.get(text[:1], 1)
    whole, _, cents = text.lstrip("+-").partition(".")
    if not (whole or cents) or len(cents) > 2:
        raise ValueError(f"not an amount: {text!r}")
    return sign * (int(whole or 0) * 100 + int((cents + "00")[:2]))


def show(cents: int, currency: str) -> str:
    """Return "1,250.00 EUR"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d} {currency}"
