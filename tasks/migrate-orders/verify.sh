set -eu
chmod 700 /verify                       # the code under test must not read the answers
export LC_ALL=C.UTF-8
umask 022
fail() { echo "$*"; exit 1; }
nobody() {
    timeout -k 1 60 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}
dump() { nobody python3 -I - "$1" </verify/dump.py; }

lab=$(mktemp -d)
chmod 711 "$lab"
cp -RP /work/shop "$lab/shop"
find "$lab/shop" ! -type f ! -type d -delete
chown -R 65534:65534 "$lab/shop"
cd "$lab/shop"
(cd migrations && sha256sum --quiet -c /verify/migrations.sha256) ||
    fail "a migration that was given out has changed"
ls migrations/006_*.sql >/dev/null || fail "there is no migration 006"

dump data/orders.db >"$lab/orders" || fail "data/orders.db is not as it should be"
[ "$(sha256sum <"$lab/orders")" = "$(cat /verify/orders.sha256)" ] ||
    fail "the orders or customers in data/orders.db are not those of before"

# Another branch, weeks later: other orders, the same migrations.
nobody sqlite3 -bail data/branch.db <migrations/001_orders.sql
nobody sqlite3 -bail data/branch.db <migrations/002_placed_on.sql
nobody sqlite3 -bail data/branch.db </verify/branch.sql
nobody sqlite3 -bail data/branch.db <migrations/003_status.sql
nobody sqlite3 data/branch.db 'PRAGMA user_version = 3'
nobody bin/migrate data/branch.db </dev/null || fail "bin/migrate fails on another branch's database"
dump data/branch.db >"$lab/branch" || fail "another branch's database is not as it should be"
diff /verify/branch.txt "$lab/branch" || fail "another branch's orders come out wrong"
