"""The queue: what waits, what is being worked on, what is done."""

import json

from dispatch import ledger
from dispatch.redis import Redis

PENDING, WORKING, DONE = "orders:pending", "orders:working", "orders:done"


def orders(file: str) -> list[dict[str, str]]:
    """Return the orders of a file, one JSON object a line."""
    with open(file, encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def enqueue(redis: Redis, file: str) -> int:
    """Put the orders that the queue does not know yet at its end; return how many."""
    count = 0
    for order in orders(file):
        if redis.ask("HSETNX", "orders", order["id"], json.dumps(order)):
            redis.ask("LPUSH", PENDING, order["id"])
            count += 1
    return count


def work(redis: Redis) -> int:
    """Invoice what is in the queue; return how many orders."""
    count = 0
    while (one := redis.ask("LMOVE", PENDING, WORKING, "RIGHT", "LEFT")) is not None:
        ledger.invoice(json.loads(redis.ask("HGET", "orders", one)))
        redis.ask("SADD", DONE, one)
        redis.ask("LREM", WORKING, "1", one)
        count += 1
    return count


def recover(redis: Redis, file: str) -> int:
    """Make the queue agree with the ledger; return how many orders are in it again."""
    invoiced = ledger.invoiced()
    redis.ask("DEL", PENDING, WORKING, DONE)
    for order in orders(file):
        redis.ask("HSET", "orders", order["id"], json.dumps(order))
        if order["id"] in invoiced:
            redis.ask("SADD", DONE, order["id"])
        else:
            redis.ask("LPUSH", PENDING, order["id"])
    return int(redis.ask("LLEN", PENDING))


def forget(redis: Redis) -> None:
    """Empty everything."""
    redis.ask("DEL", "orders", PENDING, WORKING, DONE)
