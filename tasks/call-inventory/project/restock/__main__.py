"""The command line: `python3 -m restock fetch` and `python3 -m restock summary`."""

import json
import sys
from pathlib import Path

from restock.summary import summarise

BASE = "http://inventory.internal:8080"
ITEMS = Path("data/items.json")
WAREHOUSES = Path("data/warehouses.json")
SUMMARY = Path("out/summary.json")


def fetch() -> None:
    """Store every item of the service."""
    from inventory_client import Inventory

    items = list(Inventory(BASE).items())
    ITEMS.write_text(json.dumps(items, indent=1) + "\n")
    print(f"{len(items)} items in {ITEMS}")


def summary() -> None:
    """Write the summary of what was fetched."""
    warehouses = json.loads(WAREHOUSES.read_text())["warehouses"]
    result = summarise(warehouses, json.loads(ITEMS.read_text()))
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_text(json.dumps(result, indent=2) + "\n")
    print(f"{len(result['warehouses'])} warehouses in {SUMMARY}")


COMMANDS = {"fetch": fetch, "summary": summary}

if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: python3 -m restock {'|'.join(COMMANDS)}")
    COMMANDS[sys.argv[1]]()
