"""Adds items up by warehouse."""

from typing import Any

Item = dict[str, Any]


def summarise(warehouses: list[dict[str, str]], items: list[Item]) -> dict[str, Any]:
    """Return the summary that purchasing reads."""
    places = {
        one["code"]: {"city": one["city"], **figures([i for i in items if i["warehouse"] == one["code"]])}
        for one in warehouses
    }
    return {"warehouses": places, "items": len(items), "value_cents": sum(map(value, items))}


def figures(items: list[Item]) -> dict[str, Any]:
    """Return one warehouse's figures."""
    return {
        "skus": len(items),
        "units": sum(i["stock"] for i in items),
        "value_cents": sum(map(value, items)),
        "reorder": sorted(i["sku"] for i in items if i["stock"] < i["reorder_level"]),
    }


def value(item: Item) -> int:
    """Return what an item's stock is worth, in cents."""
    return item["stock"] * item["unit_cents"]
