"""The inventory service: warehouses, and items in pages of 25."""

import csv
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

HERE = Path(__file__).parent
PORT, SIZE = 8080, 25
NUMBERS = ("stock", "reorder_level", "unit_cents")


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a CSV file beside this one, figures as numbers."""
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return [{k: int(v) if k in NUMBERS else v for k, v in row.items()}
                for row in csv.DictReader(stream)]


ITEMS, WAREHOUSES = rows("items.csv"), rows("warehouses.csv")
PAGES = -(-len(ITEMS) // SIZE)


def answer(path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
    """Return the status and the JSON for one request."""
    match path:
        case "/health":
            return 200, {"status": "ok"}
        case "/v1/warehouses":
            return 200, {"warehouses": WAREHOUSES}
        case "/v1/items":
            page = int(query.get("page", ["1"])[0])
            if 1 <= page <= PAGES:
                items = ITEMS[(page - 1) * SIZE : page * SIZE]
                return 200, {"page": page, "pages": PAGES, "items": items}
    return 404, {"error": "not found"}


class Inventory(BaseHTTPRequestHandler):
    """Answers GET."""

    def do_GET(self) -> None:
        """Send JSON."""
        parts = urlsplit(self.path)
        status, content = answer(parts.path, parse_qs(parts.query))
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("", PORT), Inventory).serve_forever()
