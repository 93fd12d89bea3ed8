set -eu
chmod 700 /verify                       # the code under test must not read the answers
export LC_ALL=C.UTF-8
umask 022
fail() { echo "$*"; exit 1; }
nobody() {
    timeout -k 1 60 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}
stats=/srv/www/stats
[ "$(readlink "$stats/latest")" = 2024-21 ] || [ "$(readlink "$stats/latest")" = "$stats/2024-21" ] ||
    fail "latest does not lead to 2024-21"
weeks=$(find "$stats" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | tr '\n' ' ')
[ "$weeks" = "2024-19 2024-20 2024-21 " ] || fail "other weeks are kept: $weeks"
for week in 19 20; do
    grep -q "^2024-W$week,all" "$stats/2024-$week/week.csv" || fail "week $week was changed"
done

# A copy without links: one could lead to the answers.
lab=$(mktemp -d)
chmod 711 "$lab"
cp -RP "$stats/2024-21" "$lab/week"
cp -RP /work/shopstats "$lab/shopstats"
find "$lab" ! -type f ! -type d -delete
for name in week.csv categories.csv index.html; do
    [ -f "$lab/week/$name" ] || fail "$name is not published"
    diff "/verify/week/$name" "$lab/week/$name" || fail "$name is wrong"
    [ "$(stat -c %a "$lab/week/$name")" = 644 ] || fail "$name is not for everybody to read"
done
[ "$(wc -l <"$lab/week/SHA256SUMS")" = 3 ] || fail "SHA256SUMS has another number of lines"
(cd "$lab/week" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS is wrong"
cmp /verify/prices.csv "$lab/shopstats/prices.csv" || fail "prices.csv is another"

# Other sales.
cp /verify/other/prices.csv /verify/other/priced.tsv "$lab/"
chown -R 65534:65534 "$lab/shopstats"
cd "$lab/shopstats"
nobody bin/by-category "$lab/prices.csv" "$lab/priced.tsv" >"$lab/categories.csv" || fail "bin/by-category fails on other sales"
diff /verify/other/categories.csv "$lab/categories.csv" || fail "bin/by-category is wrong for other sales"
