-- The how-manieth order of its customer each order is.
ALTER TABLE orders ADD COLUMN nth INTEGER;
UPDATE orders SET nth = (
    SELECT count(*) FROM orders AS earlier
    WHERE earlier.email = orders.email AND earlier.id <= orders.id
);
