"""The command line: index, feed and slug."""

import sys
from pathlib import Path

from inkpot.feed import feed
from inkpot.posts import read
from inkpot.slug import slugify


def main(arguments):
    match arguments:
        case ["index", folder]:
            for post in read(Path(folder)):
                print(post.slug, post.title, sep="\t")
        case ["feed", folder]:
            print(feed(read(Path(folder)), "https://log.example.org"))
        case ["slug"]:
            for line in sys.stdin:
                print(slugify(line.rstrip("\n")))
        case _:
            sys.exit("usage: python3 -m inkpot index FOLDER | feed FOLDER | slug")


main(sys.argv[1:])
