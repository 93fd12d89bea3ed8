"""What the shops rely on."""

import unittest

from parcel.sheet import price, rows


class Sheet(unittest.TestCase):
    def test_a_light_parcel(self) -> None:
        self.assertEqual(price(1000, "10115"), 505)

    def test_a_heavy_parcel_costs_more_a_kilogram(self) -> None:
        self.assertEqual(price(12_000, "80331"), 990 + 4020 + 70)

    def test_the_total_closes_the_sheet(self) -> None:
        orders = [{"order": "A1", "grams": "1000", "postcode": "10115"}] * 2
        self.assertEqual(list(rows(orders)), [("A1", "5.05"), ("A1", "5.05"), ("total", "10.10")])


if __name__ == "__main__":
    unittest.main()
