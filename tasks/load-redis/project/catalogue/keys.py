"""Which keys a list of products becomes."""

import csv
from collections.abc import Iterator

Product = dict[str, str]


def read(path: str) -> list[Product]:
    """Return the rows of the export; prices become cents."""
    with open(path, encoding="utf-8", newline="") as stream:
        return [{**row, "price_cents": cents(row["price"])} for row in csv.DictReader(stream)]


def cents(price: str) -> str:
    """Return "1999" for "19.99"."""
    whole, _, rest = price.partition(".")
    return str(int(whole) * 100 + int((rest + "00")[:2]))


def commands(products: list[Product]) -> Iterator[tuple[str, ...]]:
    """Return the commands that store the products."""
    for one in products:
        sku = one["sku"]
        fields = [(name, one[name]) for name in ("name", "category", "price_cents", "stock")]
        yield ("HSET", f"product:{sku}", *(text for field in fields for text in field))
        yield ("SADD", f"category:{one['category']}", sku)
        yield ("ZADD", "products:by-price", one["price_cents"], sku)
        if one["stock"] == "0":
            yield ("SADD", "products:sold-out", sku)
