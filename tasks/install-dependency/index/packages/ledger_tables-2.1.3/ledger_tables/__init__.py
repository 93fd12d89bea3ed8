"""Plain-text tables: a header, a rule, rows."""

from collections.abc import Sequence

from ledger_text import pad, width

GAP = "  "


def table(header: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    """Return the table; `align` holds `<` or `>` for each column."""
    widths = [max(map(width, column)) for column in zip(header, *rows, strict=True)]
    lines = [line(header, widths, align), GAP.join("-" * w for w in widths)]
    return "\n".join([*lines, *(line(row, widths, align) for row in rows)])


def line(cells: Sequence[str], widths: Sequence[int], align: str) -> str:
    """Return one line without blanks at its end."""
    parts = zip(cells, widths, align, strict=True)
    return GAP.join(pad(cell, size, side) for cell, size, side in parts).rstrip()
