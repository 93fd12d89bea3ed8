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
cp -RP /work/traffic "$lab/traffic"
find "$lab/traffic" ! -type f ! -type d -delete
for part in daily top-paths; do
    [ -f "$lab/traffic/report/$part.csv" ] || fail "report/$part.csv is missing"
    diff "/verify/week/$part.csv" "$lab/traffic/report/$part.csv" || fail "report/$part.csv is wrong"
done

# Next week's report, from other logs.
rm -rf "$lab/traffic/report" "$lab/traffic/build" "$lab/traffic/logs"
cp -r /verify/logs "$lab/traffic/logs"
gzip "$lab"/traffic/logs/*
chown -R 65534:65534 "$lab/traffic"
cd "$lab/traffic"
nobody bin/parse logs >"$lab/requests.tsv" || fail "bin/parse fails on other logs"
nobody bin/daily "$lab/requests.tsv" >"$lab/daily.csv" || fail "bin/daily fails on other logs"
nobody bin/top "$lab/requests.tsv" >"$lab/top-paths.csv" || fail "bin/top fails on other logs"
for part in daily top-paths; do
    diff "/verify/next/$part.csv" "$lab/$part.csv" || fail "next week's $part.csv comes out wrong"
done
