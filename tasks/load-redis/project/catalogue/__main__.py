"""The command line: `python3 -m catalogue FILE`."""

import sys

from catalogue.keys import commands, read
from catalogue.redis import Redis


def main() -> None:
    """Replace the catalogue by one file's products."""
    products = read(sys.argv[1])
    with Redis("127.0.0.1", 6379) as redis:
        old = [key for pattern in ("product:*", "category:*", "products:*")
               for key in redis.ask("KEYS", pattern)]
        for key in old:
            redis.ask("DEL", key)
        for command in commands(products):
            redis.ask(*command)
    print(f"{len(products)} products loaded, {len(old)} old keys removed")


if __name__ == "__main__":
    main()
