"""Make text of unknown origin fit for a terminal."""

from __future__ import annotations


def plain(text: str) -> str:
    r"""Return the text with all that is not printable written out (`\x1b`), lines and tabs apart.

    A trajectory may hold escape sequences, other control characters, direction marks and lone
    surrogates, by accident or to deceive the reader.
    """
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or c.isprintable() else _escape(c) for c in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def line(text: str) -> str:
    """Return the text on one line."""
    return plain(" ".join(text.split()))


def shorten(text: str, lines: int, width: int) -> list[str]:
    """Return at most `lines` lines of at most `width` characters, the middle left out first."""
    rows = [_truncate(row, width) for row in plain(text).expandtabs(4).rstrip("\n").split("\n")]
    if len(rows) <= lines:
        return rows
    head = (lines - 1) // 2
    tail = lines - 1 - head
    left_out = len(rows) - head - tail
    return [*rows[:head], f"… {left_out} lines …", *rows[len(rows) - tail :]]


def _truncate(row: str, width: int) -> str:
    return row if len(row) <= width else row[: width - 1] + "…"
