ALTER TABLE orders ADD COLUMN status TEXT NOT NULL DEFAULT 'open';
UPDATE orders SET status = 'sent' WHERE placed_on < '2024-03-01';
