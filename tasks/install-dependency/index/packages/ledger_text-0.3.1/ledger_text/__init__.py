"""How wide a text is on a terminal, and how to pad it."""

from unicodedata import combining, east_asian_width


def width(text: str) -> int:
    """Return the columns that a text takes."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, size: int, side: str = "<") -> str:
    """Fill a text up to `size` columns; `side` is where it stands: `<` or `>`."""
    gap = " " * (size - width(text))
    return text + gap if side == "<" else gap + text
