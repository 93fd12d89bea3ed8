"""The command line: `python -m parcel FILE`."""

import csv
import sys

from parcel.sheet import rows

with open(sys.argv[1], encoding="utf-8", newline="") as stream:
    for row in rows(list(csv.DictReader(stream))):
        print(*row, sep="\t")
