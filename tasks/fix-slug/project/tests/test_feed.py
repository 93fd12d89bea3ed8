import unittest

from inkpot.feed import feed
from inkpot.posts import Post


class Feed(unittest.TestCase):
    def test_the_newest_comes_first(self):
        posts = [Post("2024-01-01", "One", "one", ""), Post("2024-01-02", "Two", "two", "")]
        text = feed(posts, "https://log.example.org")
        self.assertLess(text.index("/two</id>"), text.index("/one</id>"))

    def test_titles_are_escaped(self):
        post = Post("2024-01-01", "Salt & pepper", "salt-pepper", "")
        self.assertIn("Salt &amp; pepper", feed([post], "https://log.example.org"))


if __name__ == "__main__":
    unittest.main()
