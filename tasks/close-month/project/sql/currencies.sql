SELECT currency, count(*), sum(rupiah) FROM entries GROUP BY currency ORDER BY currency;
