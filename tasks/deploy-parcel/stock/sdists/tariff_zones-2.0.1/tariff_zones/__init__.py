"""Zones of postcodes."""

import ctypes
from pathlib import Path

_library = ctypes.CDLL(str(Path(__file__).parent / "_zones.so"))


def zone(postcode: str) -> int:
    """Return the zone of a postcode, 1 to 4."""
    found = _library.tariff_zone(postcode.encode())
    if not found:
        raise ValueError(f"no postcode: {postcode!r}")
    return found
