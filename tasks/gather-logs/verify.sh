. /verify/lib.sh
find /srv/archive /work/rotation -type l -delete
lab=$(new_lab)
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
    (cd "$1" && find . -mindepth 1 -maxdepth 1 ! -name SHA256SUMS -printf '%f\n' | sort) >"$lab/there"
    sed 's/^[0-9a-f]*  //' "$1/SHA256SUMS" | sort | diff "$lab/there" - || fail "SHA256SUMS of $2 lacks a file"
}
same "/srv/archive/$month" the folder
install -d -o 65534 -g 65534 "$lab/unpacked"
as_nobody tar --no-same-owner -xf - -C "$lab/unpacked" <"/srv/archive/$month.tar" || fail "the tar archive cannot be unpacked"
[ "$(ls -A "$lab/unpacked")" = "$month" ] || fail "the tar archive holds something else"
same "$lab/unpacked/$month" "the tar archive"

# The programs are what they were: another gateway, another month.
project=$lab/rotation
cp -RP /work/rotation "$project"
mkdir -p "$lab/source/dune"
cp /verify/access.log "$lab/source/dune/access.log"
sed -i "s|^SOURCE=.*|SOURCE=$lab/source|; s|^MONTH=.*|MONTH=2023-11|; s|^LABEL=.*|LABEL=other|" "$project/etc/rotation.conf"
give_to_nobody "$project" "$lab/source"
cd "$project"
as_nobody bin/collect >"$lab/rows" || fail "bin/collect fails on other logs"
diff /verify/rows.tsv "$lab/rows" || fail "bin/collect prints other rows"
as_nobody bin/summary "$lab/rows" | diff /verify/other-summary.csv - || fail "bin/summary sums up wrongly"
[ "$(as_nobody bin/target)" = /srv/archive/other-2023-11 ] || fail "bin/target prints something else"
