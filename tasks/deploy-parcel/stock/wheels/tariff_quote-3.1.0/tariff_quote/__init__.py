"""What a parcel costs: a base price for its zone, and a rate for its weight."""

import sys

from tariff_money import per_kilo, show
from tariff_zones import zone

BASE = {1: 390, 2: 490, 3: 690, 4: 990}
RATE = {1: 115, 2: 145, 3: 195, 4: 335}


def quote(grams: int, postcode: str) -> int:
    """Return the price of a parcel in cents."""
    where = zone(postcode)
    return BASE[where] + per_kilo(grams, RATE[where])


def main() -> None:
    """Print one price, or with --table the prices of some weights for each first digit."""
    if sys.argv[1:] == ["--table"]:
        for digit in "0123456789":
            prices = (show(quote(grams, f"{digit}0000")) for grams in (333, 1234, 5555))
            print(digit, *prices, sep="\t")
    else:
        print(show(quote(int(sys.argv[1]), sys.argv[2])))
