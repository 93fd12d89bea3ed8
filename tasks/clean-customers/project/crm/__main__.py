"""Commands: clean EXPORT, groups LIST."""

import csv
import json
import sys
from pathlib import Path

from crm.groups import sizes
from crm.rules import Cleaner

FIELDS = ["id", "name", "email", "phone", "country", "postcode", "parent"]


def clean(export):
    """Write out/clean.csv and out/rejects.csv."""
    countries = json.loads(Path(export).with_name("countries.json").read_text(encoding="utf-8"))
    cleaner = Cleaner(countries)
    with (
        open(export, encoding="utf-8", newline="") as source,
        open("out/clean.csv", "w", encoding="utf-8", newline="") as good,
        open("out/rejects.csv", "w", encoding="utf-8", newline="") as bad,
    ):
        accepted = csv.DictWriter(good, FIELDS, lineterminator="\n")
        accepted.writeheader()
        rejected = csv.writer(bad, lineterminator="\n")
        rejected.writerow(["id", "reason"])
        for row in csv.DictReader(source):
            customer, reason = cleaner.judge({field: row[field].strip() for field in FIELDS})
            if reason:
                rejected.writerow([customer["id"], reason])
            else:
                accepted.writerow(customer)


def groups(listed):
    """Print how large each group of customers is."""
    with open(listed, encoding="utf-8", newline="") as file:
        parents = {row["id"]: row["parent"] for row in csv.DictReader(file)}
    print("customer,members")
    for customer, members in sizes(parents):
        print(customer, members, sep=",")


if len(sys.argv) != 3 or sys.argv[1] not in ("clean", "groups"):
    sys.exit("usage: python3 -m crm clean|groups FILE")
{"clean": clean, "groups": groups}[sys.argv[1]](sys.argv[2])
