SELECT station, substr(local, 1, 10) AS day, count(*), min(celsius), max(celsius), round(avg(celsius), 2)
FROM readings GROUP BY station, day ORDER BY station, day;
