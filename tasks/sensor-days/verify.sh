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
cp -RP /work/climate "$lab/climate"
find "$lab/climate" ! -type f ! -type d -delete
cmp /verify/stations.csv "$lab/climate/stations.csv" || fail "stations.csv is another"
for name in daily.csv extremes.csv hours.csv rejects.csv; do
    [ -f "$lab/climate/out/$name" ] || fail "out/$name is missing"
    diff "/verify/june/$name" "$lab/climate/out/$name" || fail "out/$name is wrong"
done
[ "$(wc -l <"$lab/climate/out/SHA256SUMS")" = 4 ] || fail "out/SHA256SUMS has another number of lines"
(cd "$lab/climate/out" && sha256sum --quiet -c SHA256SUMS) || fail "out/SHA256SUMS is wrong"

# Other readings.
rm -rf "$lab/climate/out" "$lab/climate/build" "$lab/climate/incoming"
cp /verify/other/readings.tsv "$lab/readings.tsv"
chown -R 65534:65534 "$lab/climate"
cd "$lab/climate"
nobody bin/dedupe "$lab/readings.tsv" >"$lab/unique.tsv" || fail "bin/dedupe fails on other readings"
diff /verify/other/unique.tsv "$lab/unique.tsv" || fail "bin/dedupe is wrong for other readings"
