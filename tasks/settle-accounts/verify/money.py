"""Money: whole cents, and how they are written."""

import re

AMOUNT = re.compile(r"(-?)(\d+|\d{1,3}(?:,\d{3})+)\.(\d\d)")


def parse(text):
    """Return the cents of "12.30"; thousands may be set apart, "1,234.50"."""
    found = AMOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not an amount: {text!r}")
    sign, units, cents = found.groups()
    return int(sign + "1") * (int(units.replace(",", "")) * 100 + int(cents))


def text(cents):
    """Return "12.30" for 1230."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
