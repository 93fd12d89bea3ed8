"""What a parcel costs: one price for a zone."""

import sys

from tariff_money import show
from tariff_zones import zone


def quote(grams: int, postcode: str) -> int:
    """Return the price of a parcel in cents."""
    return 500 * zone(postcode)


def main() -> None:
    """Print one price."""
    print(show(quote(int(sys.argv[1]), sys.argv[2])))
