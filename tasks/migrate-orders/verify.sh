. /verify/lib.sh
dump() { as_nobody python3 -I - "$1" </verify/dump.py; }
lab=$(new_lab)
copy_files /work/shop "$lab/shop"
give_to_nobody "$lab/shop"
cd "$lab/shop"
ls migrations/006_*.sql >/dev/null || fail "there is no migration 006"

dump data/orders.db >"$lab/orders" || fail "data/orders.db is not as it should be"
[ "$(sha256sum <"$lab/orders")" = "$(cat /verify/orders.sha256)" ] ||
    fail "the orders or customers in data/orders.db are not those of before"

# Another branch, weeks later: other orders, the same migrations.
as_nobody sqlite3 -bail data/branch.db <migrations/001_orders.sql
as_nobody sqlite3 -bail data/branch.db <migrations/002_placed_on.sql
as_nobody sqlite3 -bail data/branch.db </verify/branch.sql
as_nobody sqlite3 -bail data/branch.db <migrations/003_status.sql
as_nobody sqlite3 data/branch.db 'PRAGMA user_version = 3'
as_nobody bin/migrate data/branch.db </dev/null || fail "bin/migrate fails on another branch's database"
dump data/branch.db >"$lab/branch" || fail "another branch's database is not as it should be"
diff /verify/branch.txt "$lab/branch" || fail "another branch's orders come out wrong"
