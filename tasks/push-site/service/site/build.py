"""Print the page of all places."""

import csv
from pathlib import Path

PLACES = Path(__file__).parent / "places.tsv"

with PLACES.open(newline="") as stream:
    rows = sorted(csv.reader(stream, delimiter="\t"))
print("<ul>")
for name, hours in rows:
    print(f"  <li>{name}: {hours}</li>")
print("</ul>")
