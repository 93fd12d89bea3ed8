"""Print what a migrated order book says, so that two can be compared as text."""

import sqlite3
import sys

book = sqlite3.connect(sys.argv[1])
columns = {row[1] for row in book.execute("PRAGMA table_info(orders)")}
if columns & {"customer", "email"}:
    sys.exit("orders still repeats its customers")
version = book.execute("PRAGMA user_version").fetchone()[0]
if version != 6:
    sys.exit(f"the database is at version {version}")
if len(book.execute("SELECT DISTINCT email FROM customers").fetchall()) != len(
    book.execute("SELECT id FROM customers").fetchall()
):
    sys.exit("customers holds an address twice")
for query in (
    "SELECT email, name FROM customers ORDER BY email",
    "SELECT o.id, placed_on, name, email, item, quantity, price, status, nth FROM orders o"
    " JOIN customers c ON c.id = o.customer_id ORDER BY o.id",
    "SELECT placed_on, orders, turnover FROM daily ORDER BY placed_on",
):
    for row in book.execute(query):
        print(*row, sep="|")
