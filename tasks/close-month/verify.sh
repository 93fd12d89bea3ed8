set -eu
chmod 700 /verify                       # the code under test must not read the answers
export LC_ALL=C.UTF-8
umask 022
fail() { echo "$*"; exit 1; }
nobody() {
    timeout -k 1 60 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}
# A copy without links: one could lead to the answers.
lab=$(mktemp -d)
chmod 711 "$lab"
cp -RP /work/ledger "$lab/ledger"
find "$lab/ledger" ! -type f ! -type d -delete
for report in balances totals largest by-day currencies; do
    [ -f "$lab/ledger/report/$report.csv" ] || fail "report/$report.csv is missing"
    diff "/verify/may/$report.csv" "$lab/ledger/report/$report.csv" || fail "report/$report.csv is wrong"
done

# Another month.
rm -rf "$lab/ledger/report" "$lab/ledger/build" "$lab/ledger/inbox"
cp /verify/june/base.tsv "$lab/june.tsv"
chown -R 65534:65534 "$lab/ledger"
cd "$lab/ledger"
nobody bin/by-day "$lab/june.tsv" >"$lab/by-day.csv" || fail "bin/by-day fails on another month"
diff /verify/june/by-day.csv "$lab/by-day.csv" || fail "bin/by-day is wrong for another month"
