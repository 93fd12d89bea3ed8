. /verify/lib.sh
# A copy without links: one could lead to the answers.
lab=$(new_lab)
copy_files /work/climate "$lab/climate"
for name in daily.csv extremes.csv hours.csv rejects.csv; do
    [ -f "$lab/climate/out/$name" ] || fail "out/$name is missing"
    diff "/verify/june/$name" "$lab/climate/out/$name" || fail "out/$name is wrong"
done
[ "$(wc -l <"$lab/climate/out/SHA256SUMS")" = 4 ] || fail "out/SHA256SUMS has another number of lines"
(cd "$lab/climate/out" && sha256sum --quiet -c SHA256SUMS) || fail "out/SHA256SUMS is wrong"

# Other readings.
rm -rf "$lab/climate/out" "$lab/climate/build" "$lab/climate/incoming"
cp /verify/other/readings.tsv "$lab/readings.tsv"
give_to_nobody "$lab/climate"
cd "$lab/climate"
as_nobody bin/dedupe "$lab/readings.tsv" >"$lab/unique.tsv" || fail "bin/dedupe fails on other readings"
diff /verify/other/unique.tsv "$lab/unique.tsv" || fail "bin/dedupe is wrong for other readings"
