"""Does the Redis on this machine's port hold the whole catalogue, saved to disk?"""

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

EXPORT = Path("/work/catalogue/data/products.csv")
DIGEST = "900cb4cd6f737faa5ed3a1288808cf50cf4eba154dc0ec03ee5492e281f5cf54"


def redis_cli(*words: str) -> str:
    """Return what redis-cli prints."""
    done = subprocess.run(["/usr/bin/redis-cli", "-h", "127.0.0.1", *words],
                          capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        sys.exit(f"redis-cli {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def ask(*words: str) -> Any:
    """Return Redis' answer to one command."""
    return json.loads(redis_cli("--json", *words))


def cents(price: str) -> int:
    """Return 1999 for "19.99"."""
    return round(float(price) * 100)


def expect(name: str, expected: Any, found: Any) -> None:
    """Stop with a message where two things differ."""
    if expected != found:
        sys.exit(f"{name}: expected {str(expected)[:200]}, found {str(found)[:200]}")


expect("digest of the export", DIGEST, hashlib.sha256(EXPORT.read_bytes()).hexdigest())
rows = list(csv.DictReader(EXPORT.read_text(encoding="utf-8").splitlines()))
skus = {row["sku"] for row in rows}
expect("product:*", {f"product:{sku}" for sku in skus}, set(ask("KEYS", "product:*")))
for row in rows:
    product = {"name": row["name"], "category": row["category"],
               "price_cents": str(cents(row["price"])), "stock": row["stock"]}
    expect(row["sku"], product, ask("HGETALL", f"product:{row['sku']}"))
    expect(f"price of {row['sku']}", cents(row["price"]),
           int(float(ask("ZSCORE", "products:by-price", row["sku"]))))
expect("products:by-price", len(skus), ask("ZCARD", "products:by-price"))
for category in sorted({row["category"] for row in rows}):
    expect(category, {row["sku"] for row in rows if row["category"] == category},
           set(ask("SMEMBERS", f"category:{category}")))
expect("products:sold-out", {row["sku"] for row in rows if row["stock"] == "0"},
       set(ask("SMEMBERS", "products:sold-out")))
facts = dict(line.split(":", 1) for line in redis_cli("INFO").split() if ":" in line)
expect("changes that are not on disk", "0", facts["rdb_changes_since_last_save"])
expect("the last save", "ok", facts["rdb_last_bgsave_status"])
