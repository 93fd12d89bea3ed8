BEGIN;
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL REFERENCES customers (id),
    placed_on TEXT NOT NULL,
    item TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price_cents INTEGER NOT NULL
);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
INSERT INTO customers SELECT i, 'customer' || (i * 7919 % 1201) || '@example.org', 'Customer, ' || (i * 31 % 977) FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO orders SELECT i, 1 + i * 7717 % 400, date('2024-01-01', '+' || (i / 34) || ' days'), 'item-' || (i * 31 % 97),
    1 + i * 17 % 5, 100 + i * 7717 % 4000 FROM n;
COMMIT;
