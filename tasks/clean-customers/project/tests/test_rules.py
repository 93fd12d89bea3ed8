"""What is accepted and what is not."""

import unittest

from crm.rules import Cleaner

NL = {"code": "31", "postcode": "[1-9][0-9]{3} ?[A-Z]{2}", "shortest": 9, "longest": 9}


def reason(**changes):
    customer = {"id": "1", "name": "Ans", "email": "ans@example.org", "phone": "",
                "country": "NL", "postcode": "1012 ab", "parent": ""}
    return Cleaner({"NL": NL}).judge({**customer, **changes})[1]


class Rules(unittest.TestCase):
    def test_a_good_customer_is_accepted(self):
        self.assertIsNone(reason())

    def test_each_reason(self):
        self.assertEqual(reason(name=""), "name")
        for email in ("ans", "@example.org", "ans@example", "a b@example.org", "a@b@example.org"):
            self.assertEqual(reason(email=email), "email")
        self.assertEqual(reason(country="ZZ"), "country")
        for postcode in ("", "0012 AB", "1012 A", "1012 ABC"):
            self.assertEqual(reason(postcode=postcode), "postcode")

    def test_addresses_come_once(self):
        cleaner = Cleaner({"NL": NL})
        row = {"id": "1", "name": "Ans", "email": "Ans@example.org", "phone": "", "country": "NL",
               "postcode": "1012AB", "parent": ""}
        self.assertIsNone(cleaner.judge(row)[1])
        self.assertEqual(cleaner.judge({**row, "email": "ans@EXAMPLE.org"})[1], "twice")
