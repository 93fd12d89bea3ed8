"""A mirror of the stations' series: a folder a year, a file a station, and their checksums."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from webhost import Request, Response, serve

STATIONS = {"harbour": 11, "lagoon": 23, "mill": 37, "orchard": 41, "quarry": 59, "summit": 83}
YEARS = (2023, 2024)


def numbers(seed: int) -> Iterator[int]:
    """Yield numbers below 2**31 that are always the same."""
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed


def series(year: int, seed: int) -> bytes:
    """Return a year of temperatures, every third hour, as CSV."""
    at, chance = datetime(year, 1, 1), numbers(year * 1000 + seed)
    rows = ["time,celsius"]
    while at.year == year:
        season = 15 - abs(at.timetuple().tm_yday - 196) / 9
        value = season - seed / 20 + (next(chance) >> 16) % 80 / 10
        rows.append(f"{at:%Y-%m-%dT%H:%M},{value:.1f}")
        at += timedelta(hours=3)
    return ("\n".join(rows) + "\n").encode()


def files() -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file."""
    for year in YEARS:
        made = {f"{name}.csv": series(year, seed) for name, seed in STATIONS.items()}
        sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {n}\n" for n, body in made.items())
        for name, body in {**made, "SHA256SUMS": sums.encode()}.items():
            yield f"/{year}/{name}", body


FILES = dict(files())


def answer(request: Request) -> Response:
    """Answer with a file, or with the list of all."""
    if request.path == "/":
        return Response(200, "".join(f"{path}\n" for path in FILES).encode(), "text/plain")
    body = FILES.get(request.path)
    return Response(404 if body is None else 200, body or b"", "text/csv")


if __name__ == "__main__":
    serve(answer)
