"""What accounting relies on."""

import unittest

from invoicing.books import Invoice, read
from invoicing.report import report, totals


class Books(unittest.TestCase):
    def test_reads_amounts_with_separators(self) -> None:
        first = read("data/2024-q1.csv")[0]
        self.assertEqual((first.number, first.net), ("2024-0001", 1_250_000))

    def test_half_a_cent_of_tax_is_rounded_up(self) -> None:
        self.assertEqual(Invoice("1", "a", "EUR", 250, 7).vat, 18)


class Report(unittest.TestCase):
    def test_one_sum_for_each_customer_and_currency(self) -> None:
        books = [Invoice("1", "a", "EUR", 100, 20), Invoice("2", "a", "CHF", 100, 20)]
        self.assertEqual(totals([*books, books[0]])["a", "EUR"], (2, 200, 40))

    def test_the_total_closes_the_table(self) -> None:
        last = report([Invoice("1", "a", "EUR", 123_456, 0)]).splitlines()[-1]
        self.assertEqual(last.split(), ["total", "EUR", "1", "1,234.56", "EUR",
                                        "0.00", "EUR", "1,234.56", "EUR"])


if __name__ == "__main__":
    unittest.main()
