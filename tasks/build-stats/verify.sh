. /verify/lib.sh
made=/work/latency

[ -f "$made/results/summary.tsv" ] || fail "results/summary.tsv is missing"
python3 -I /verify/summarise.py "$made"/data/*.txt <"$made/results/summary.tsv" ||
    fail "results/summary.tsv is wrong"

# A fresh copy, as a colleague would get it: built by somebody else, fed with other series.
lab=$(new_lab)
copy_files "$made" "$lab/copy"
rm -rf "$lab/copy/build" "$lab/copy/bin" "$lab/copy/results"
give_to_nobody "$lab/copy"
cp -r /verify/data "$lab/data"
cd "$lab/copy"
as_nobody make >"$lab/make.log" 2>&1 </dev/null || { tail -n 5 "$lab/make.log"; fail "make fails in a fresh copy"; }
as_nobody ./bin/latency "$lab"/data/*.txt >"$lab/summary" </dev/null || fail "bin/latency failed"
python3 -I /verify/summarise.py /verify/data/*.txt <"$lab/summary" || fail "bin/latency is wrong"
