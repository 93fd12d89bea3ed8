"""Tide tables: how high the water stands in a port at an hour."""

import csv
from pathlib import Path

__version__ = "1.4.0"

TABLES = Path(__file__).parent.parent / "vendor/tables.csv"


def metres(port: str, hour: int) -> float:
    """Return the height of the water."""
    with TABLES.open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["port"] == port and int(row["hour"]) == hour:
                return float(row["metres"])
    raise KeyError(f"{port} at {hour}")


def ports() -> list[str]:
    """Return the names of all ports."""
    with TABLES.open(newline="") as stream:
        return sorted({row["port"] for row in csv.DictReader(stream)})
