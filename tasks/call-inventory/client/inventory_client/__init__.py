"""A client for the inventory service."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

__version__ = "1.2.0"


class Inventory:
    """The service at a base URL; `timeout` is in seconds."""

    def __init__(self, base: str, timeout: float = 5) -> None:
        self.base = base.rstrip("/")
        self.timeout = timeout

    def get(self, path: str) -> Any:
        """Return the JSON of one request."""
        with urlopen(self.base + path, timeout=self.timeout) as answer:
            return json.load(answer)

    def items(self) -> Iterator[dict[str, Any]]:
        """Yield every item, page after page."""
        page, pages = 1, 1
        while page <= pages:
            answer = self.get(f"/v1/items?page={page}")
            yield from answer["items"]
            page, pages = page + 1, answer["pages"]
