"""Amounts of money as whole thousandths."""


def parse_amount(text: str) -> int:
    """Return the thousandths of "1,250.00"."""
    whole, _, rest = text.strip().replace(",", "").partition(".")
    return int(whole) * 1000 + int((rest + "000")[:3])


def show_amount(thousandths: int, currency: str) -> str:
    """Return "1,250.000 EUR"."""
    return f"{thousandths // 1000:,}.{thousandths % 1000:03d} {currency}"
