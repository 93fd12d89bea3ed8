-- Every account and year: how many entries, and what they add up to.
SELECT year, number, name, entries, balance FROM balances ORDER BY year, number
