"""Is `data/` the year 2024 as published, and `out/means.csv` made of it?"""

import hashlib
import sys
from pathlib import Path

PROJECT = Path("/work/climate")


def expect(name: str, fits: bool) -> None:
    """Stop with a message where something does not fit."""
    if not fits:
        sys.exit(name)


for line in Path("SHA256SUMS").read_text().splitlines():
    digest, name = line.split("  ")
    path = PROJECT / "data" / name
    expect(f"{path} is missing", path.is_file())
    expect(f"{path} is not what was published", hashlib.sha256(path.read_bytes()).hexdigest() == digest)
table = PROJECT / "out/means.csv"
expect(f"{table} is missing", table.is_file())
expect(f"{table} is not made of the data", table.read_bytes() == Path("means.csv").read_bytes())
