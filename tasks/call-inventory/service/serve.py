"""The inventory service: warehouses, and items in pages of 25."""

import csv
from pathlib import Path
from typing import Any

from webhost import Request, Response, as_json, serve

HERE = Path(__file__).parent
SIZE = 25
NUMBERS = ("stock", "reorder_level", "unit_cents")


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a CSV file beside this one, figures as numbers."""
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return [{k: int(v) if k in NUMBERS else v for k, v in row.items()}
                for row in csv.DictReader(stream)]


ITEMS, WAREHOUSES = rows("items.csv"), rows("warehouses.csv")
PAGES = -(-len(ITEMS) // SIZE)


def answer(request: Request) -> Response:
    """Answer a request in JSON."""
    match request.path:
        case "/health":
            return as_json({"status": "ok"})
        case "/v1/warehouses":
            return as_json({"warehouses": WAREHOUSES})
        case "/v1/items":
            page = int(request.word("page", "1"))
            if 1 <= page <= PAGES:
                items = ITEMS[(page - 1) * SIZE : page * SIZE]
                return as_json({"page": page, "pages": PAGES, "items": items})
    return as_json({"error": "not found"}, 404)


serve(answer)
