. /verify/lib.sh
# A copy without links: one could lead to the answers.
lab=$(new_lab)
copy_files /work/ledger "$lab/ledger"
for report in balances totals largest by-day currencies; do
    [ -f "$lab/ledger/report/$report.csv" ] || fail "report/$report.csv is missing"
    diff "/verify/may/$report.csv" "$lab/ledger/report/$report.csv" || fail "report/$report.csv is wrong"
done

# Another month.
rm -rf "$lab/ledger/report" "$lab/ledger/build" "$lab/ledger/inbox"
cp /verify/june/base.tsv "$lab/june.tsv"
give_to_nobody "$lab/ledger"
cd "$lab/ledger"
as_nobody bin/by-day "$lab/june.tsv" >"$lab/by-day.csv" || fail "bin/by-day fails on another month"
diff /verify/june/by-day.csv "$lab/by-day.csv" || fail "bin/by-day is wrong for another month"
