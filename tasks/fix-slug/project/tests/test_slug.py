import unittest

from inkpot.slug import slugify, unique


class Slugify(unittest.TestCase):
    def test_words_are_joined_by_hyphens(self):
        self.assertEqual(slugify("Bread and Butter"), "bread-and-butter")

    def test_a_run_of_other_characters_is_one_hyphen(self):
        self.assertEqual(slugify("Bread -- & -- Butter"), "bread-butter")

    def test_no_hyphen_at_either_end(self):
        self.assertEqual(slugify("  (Bread!)  "), "bread")

    def test_accents_are_dropped(self):
        self.assertEqual(slugify("Crème brûlée"), "creme-brulee")

    def test_apostrophes_vanish(self):
        self.assertEqual(slugify("Don't stir"), "dont-stir")

    def test_nothing_left_is_untitled(self):
        self.assertEqual(slugify("?!"), "untitled")


class Unique(unittest.TestCase):
    def test_a_free_slug_stays(self):
        self.assertEqual(unique("bread", {"butter"}), "bread")

    def test_a_taken_slug_is_numbered(self):
        self.assertEqual(unique("bread", {"bread", "bread-2"}), "bread-3")


if __name__ == "__main__":
    unittest.main()
