CREATE INDEX entries_account_booked ON entries (account, booked);

CREATE VIEW balances AS
SELECT a.number, a.name, extract(year FROM e.booked AT TIME ZONE 'Europe/Lisbon')::integer AS year,
       count(*) AS entries, sum(e.amount) AS balance
FROM accounts a JOIN entries e ON e.account = a.number
GROUP BY a.number, a.name, year;
