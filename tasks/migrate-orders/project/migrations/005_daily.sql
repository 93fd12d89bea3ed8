CREATE VIEW daily AS
    SELECT placed_on, count(*) AS orders, round(sum(quantity * price), 2) AS turnover
    FROM orders GROUP BY placed_on;
