"""Groups of customers."""

import unittest

from crm.groups import sizes


class Groups(unittest.TestCase):
    def test_all_levels_count(self):
        self.assertEqual(sizes({"1": "", "2": "1", "3": "2", "4": ""}), [("1", 3), ("4", 1)])

    def test_an_unknown_parent_is_none(self):
        self.assertEqual(sizes({"1": "9"}), [("1", 1)])
