-- Put the converted entries into a table of their own.
BEGIN;
DROP TABLE IF EXISTS entries;
CREATE TABLE entries (day TEXT, source TEXT, reference TEXT, account TEXT, rupiah INTEGER, currency TEXT);
COMMIT;
.mode tabs
.import build/base.tsv entries
