. /verify/lib.sh
export TZ=UTC
project=/work/invoices archive=/srv/invoices
find "$project" "$archive" -type l -delete
for list in duplicates.txt unknown.txt missing.txt index.csv totals.csv audit.txt; do
    [ -f "$project/report/$list" ] || fail "report/$list is missing"
    diff "/verify/report/$list" "$project/report/$list" || fail "report/$list is wrong"
done
LC_ALL=C sort "$project/manifest.tsv" | sha256sum | cut -d " " -f 1 | diff /verify/manifest - || fail "manifest.tsv is changed"
cd "$archive"
find . -path '*/2023/*' -type f -printf '%m %TY-%Tm-%TdT%TH:%TM:%.2TS %P\n' | sort -k 3 >/tmp/there
diff /verify/filed /tmp/there || fail "the archive of 2023 is not what it should be"
sha256sum --quiet -c /verify/sums || fail "a filed invoice is not the one that was scanned"

# The programs are sound, with other invoices, too.
lab=$(new_lab)
cp -RP "$project/bin" "$project/etc" "$lab/"
mkdir -p "$lab/report" "$lab/build" "$lab/archive/miller/2021"
printf 'From: miller\nInvoice no. M-1\nDate: 2021-04-05\n\nTotal: 12.05\n' >"$lab/archive/miller/2021/a.txt"
printf 'number,supplier,date,cents,path\nM-1,miller,2021-04-05,1205,miller/2021/a.txt\n' >"$lab/report/index.csv"
sed -i "s|^ARCHIVE=/srv/invoices$|ARCHIVE=$lab/archive|" "$lab/etc/filing.conf"
give_to_nobody "$lab"/*
cd "$lab"
[ "$(as_nobody bin/audit)" = "1 filed, EUR 12.05" ] || fail "bin/audit does not work any more"
printf 'archive/miller/2021/a.txt\tM-1\tmiller\t2021-04-05\t1205\n' >/tmp/wanted
as_nobody bin/fields archive/miller/2021/a.txt | diff /tmp/wanted - || fail "bin/fields does not work any more"
rm archive/miller/2021/a.txt
! as_nobody bin/audit 2>/dev/null || fail "bin/audit is content with a gap"
