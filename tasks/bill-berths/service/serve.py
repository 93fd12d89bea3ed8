"""The port's bookings: pages of them behind a cursor, the ships, and the closing of a quarter."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from webhost import Request, Response, as_json, serve

SIZE, SECRET = 12, b"berth 9, tide table 1931"
MONTHS = {"2024-01": 41, "2024-02": 37, "2024-03": 52}
NAMES = ("Alma", "Brise", "Corvus", "Dagny", "Elster", "Fulmar", "Gezina", "Holm", "Iduna")


def numbers(seed: int) -> Iterator[int]:
    """Yield numbers below 2**15 that are always the same."""
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed >> 16


def ships() -> list[dict[str, Any]]:
    """Return every ship."""
    chance = numbers(7)
    return [{"id": f"S{i:02}", "name": name, "metres": 12 + next(chance) % 60}
            for i, name in enumerate(NAMES, start=1)]


def bookings(month: str) -> list[dict[str, Any]]:
    """Return the bookings of a month."""
    chance = numbers(int(month.replace("-", "")))
    return [{"id": f"{month}-{n:03}", "ship": f"S{1 + next(chance) % len(NAMES):02}",
             "berth": 1 + next(chance) % 20, "nights": 1 + next(chance) % 9,
             "cancelled": next(chance) % 7 == 0} for n in range(1, MONTHS[month] + 1)]


SHIPS = ships()
BOOKINGS = {month: bookings(month) for month in MONTHS}


def page(month: str, after: str) -> Response:
    """Return the bookings after one, and where the next page begins."""
    rows = [row for row in BOOKINGS.get(month, ()) if row["id"] > after]
    following = rows[SIZE - 1]["id"] if len(rows) > SIZE else None
    return as_json({"bookings": rows[:SIZE], "next": following})


def closed(body: bytes) -> Response:
    """Take a quarter's bill and return a receipt for it."""
    try:
        bill = json.loads(body)
        digest, quarter = str(bill["sha256"]), str(bill["quarter"])
    except (ValueError, KeyError, TypeError):
        return as_json({"error": "quarter and sha256 are needed"}, 422)
    number = hmac.new(SECRET, f"{quarter} {digest}".encode(), hashlib.sha256).hexdigest()[:20]
    return as_json({"quarter": quarter, "sha256": digest, "receipt": number}, 201)


def answer(request: Request) -> Response:
    """Answer one request; without TLS there is hardly anything."""
    if not request.secure and request.path not in {"/ca.crt", "/v2/status"}:
        return as_json({"error": "use https"}, 403)
    match request.method, request.path:
        case "GET", "/v2/status":
            return as_json({"status": "open", "months": list(MONTHS)})
        case "GET", "/v2/ships":
            return as_json({"ships": SHIPS})
        case "GET", "/v2/bookings":
            return page(request.word("month"), request.word("after"))
        case "POST", "/v2/closings":
            return closed(request.body)
        case "GET", "/ca.crt":
            with open("/etc/webhost/keys/ca.crt", "rb") as stream:
                return Response(200, stream.read())
    return as_json({"error": "not found"}, 404)


if __name__ == "__main__":
    serve(answer, names=["port.internal"])
