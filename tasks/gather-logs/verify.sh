set -eu
chmod 700 /verify                       # the code under test must not read the answers
export LC_ALL=C.UTF-8
umask 022
fail() { echo "$*"; exit 1; }
nobody() {
    timeout -k 1 60 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}
find /srv/archive /work/rotation -type l -delete
lab=$(mktemp -d)
chmod 711 "$lab"
month=gateway-2024-05

same() {        # a folder that should be the month's
    [ -d "$1" ] || fail "$2 is missing"
    (cd "$1" && for day in *.log.gz; do
        printf '%s %s\n' "$(gzip -dc "$day" | sha256sum | cut -d ' ' -f 1)" "$day"
    done) >"$lab/days" || fail "a day of $2 cannot be unpacked"
    diff /verify/days "$lab/days" || fail "the days of $2 are wrong"
    diff /verify/summary.csv "$1/summary.csv" || fail "summary.csv of $2 is wrong"
    python3 -I -S -c 'import json, sys; sys.exit(json.load(open(sys.argv[1])) != json.load(open(sys.argv[2])))' \
        /verify/hosts.json "$1/hosts.json" || fail "hosts.json of $2 is wrong"
    (cd "$1" && sha256sum --quiet --strict -c SHA256SUMS) || fail "SHA256SUMS of $2 does not fit"
    (cd "$1" && ls -A | grep -vx SHA256SUMS) >"$lab/there"
    sed 's/^[0-9a-f]*  //' "$1/SHA256SUMS" | sort | diff "$lab/there" - || fail "SHA256SUMS of $2 lacks a file"
}
same "/srv/archive/$month" the folder
install -d -o 65534 -g 65534 "$lab/unpacked"
nobody tar --no-same-owner -xf - -C "$lab/unpacked" <"/srv/archive/$month.tar" || fail "the tar archive cannot be unpacked"
[ "$(ls -A "$lab/unpacked")" = "$month" ] || fail "the tar archive holds something else"
same "$lab/unpacked/$month" "the tar archive"

# The programs are what they were: another gateway, another month.
project=$lab/rotation
cp -RP /work/rotation "$project"
mkdir -p "$lab/source/dune"
cp /verify/access.log "$lab/source/dune/access.log"
sed -i "s|^SOURCE=.*|SOURCE=$lab/source|; s|^MONTH=.*|MONTH=2023-11|; s|^LABEL=.*|LABEL=other|" "$project/etc/rotation.conf"
chown -R 65534:65534 "$project" "$lab/source"
cd "$project"
nobody bin/collect >"$lab/rows" || fail "bin/collect fails on other logs"
diff /verify/rows.tsv "$lab/rows" || fail "bin/collect prints other rows"
nobody bin/summary "$lab/rows" | diff /verify/other-summary.csv - || fail "bin/summary sums up wrongly"
[ "$(nobody bin/target)" = /srv/archive/other-2023-11 ] || fail "bin/target prints something else"
