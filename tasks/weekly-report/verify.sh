. /verify/lib.sh
# A copy without links: one could lead to the answers.
lab=$(new_lab)
copy_files /work/traffic "$lab/traffic"
for part in daily top-paths; do
    [ -f "$lab/traffic/report/$part.csv" ] || fail "report/$part.csv is missing"
    diff "/verify/week/$part.csv" "$lab/traffic/report/$part.csv" || fail "report/$part.csv is wrong"
done

# Next week's report, from other logs.
rm -rf "$lab/traffic/report" "$lab/traffic/build" "$lab/traffic/logs"
cp -r /verify/logs "$lab/traffic/logs"
gzip "$lab"/traffic/logs/*
give_to_nobody "$lab/traffic"
cd "$lab/traffic"
as_nobody bin/parse logs >"$lab/requests.tsv" || fail "bin/parse fails on other logs"
as_nobody bin/daily "$lab/requests.tsv" >"$lab/daily.csv" || fail "bin/daily fails on other logs"
as_nobody bin/top "$lab/requests.tsv" >"$lab/top-paths.csv" || fail "bin/top fails on other logs"
for part in daily top-paths; do
    diff "/verify/next/$part.csv" "$lab/$part.csv" || fail "next week's $part.csv comes out wrong"
done
