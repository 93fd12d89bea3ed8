set -eu
chmod 700 /verify                       # the code under test must not read the answers
export LC_ALL=C.UTF-8
umask 022
fail() { echo "$*"; exit 1; }
nobody() {
    timeout -k 1 60 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}
made=/work/latency

(cd "$made/data" && sha256sum --quiet -c /verify/data.sha256) || fail "the measurements were changed"
[ -f "$made/results/summary.tsv" ] || fail "results/summary.tsv is missing"
python3 -I /verify/summarise.py "$made"/data/*.txt <"$made/results/summary.tsv" ||
    fail "results/summary.tsv is wrong"

# A fresh copy, as a colleague would get it: built by somebody else, fed with other series.
lab=$(mktemp -d)
chmod 711 "$lab"
cp -RP "$made" "$lab/copy"
rm -rf "$lab/copy/build" "$lab/copy/bin" "$lab/copy/results"
find "$lab/copy" ! -type f ! -type d -delete
chown -R 65534:65534 "$lab/copy"
cp -r /verify/data "$lab/data"
cd "$lab/copy"
nobody make >"$lab/make.log" 2>&1 </dev/null || { tail -n 5 "$lab/make.log"; fail "make fails in a fresh copy"; }
nobody ./bin/latency "$lab"/data/*.txt >"$lab/summary" </dev/null || fail "bin/latency failed"
python3 -I /verify/summarise.py /verify/data/*.txt <"$lab/summary" || fail "bin/latency is wrong"
