"""Merge rotated logs by time and print the rows of a month: rows.py YYYY-MM HOST/access.log..."""

import contextlib
import gzip
import heapq
import json
import sys


def rows(stack, path):
    """Yield (time, host, status, bytes, path) of one log, the oldest first."""
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    for line in stack.enter_context(opened):
        request = json.loads(line)
        yield tuple(str(request[key]) for key in ("time", "host", "status", "bytes", "path"))


def main(month, *paths):
    """Print what the logs hold of the month."""
    with contextlib.ExitStack() as stack:
        for row in heapq.merge(*(rows(stack, path) for path in paths)):
            if row[0].startswith(month):
                print(*row, sep="\t")


if __name__ == "__main__":
    main(*sys.argv[1:])
