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
cp -RP /work/crm/out "$lab/out"
find "$lab/out" ! -type f ! -type d -delete
for name in clean.csv rejects.csv groups.csv mailing.txt; do
    [ -f "$lab/out/$name" ] || fail "out/$name is missing"
    diff "/verify/spring/$name" "$lab/out/$name" || fail "out/$name is wrong"
done

# Only objects and refs are taken over: the repository's own settings and hooks could run anything.
made=/work/crm/.git
git init -q --bare "$lab/git"
rm -rf "$lab/git/objects" "$lab/git/refs"
cp -RP "$made/objects" "$made/refs" "$made/HEAD" "$lab/git/" || fail "the repository is incomplete"
[ ! -f "$made/packed-refs" ] || cp -P "$made/packed-refs" "$lab/git/"
rm -rf "$lab/git/objects/info" "$lab/git/hooks"
find "$lab/git" ! -type f ! -type d -delete
chown -R 65534:65534 "$lab/git"
chmod -R u+rwX "$lab/git"
history() { nobody git --git-dir="$lab/git" "$@"; }
[ "$(cat "$lab/git/HEAD")" = "ref: refs/heads/main" ] || fail "the checkout does not stand on main"
base=$(cat base)
history merge-base --is-ancestor "$base" main || fail "main lost commits that it had"
[ "$(history rev-parse main)" != "$base" ] || fail "nothing is committed"
history diff --quiet "$base" main -- tests/test_rules.py tests/test_groups.py hooks || fail "tests or hook changed"
history diff --check "$base" main || fail "lines of the commit end in blanks"

# What is committed, with another export; and the tests as they lie in the folder.
install -d -o 65534 -g 65534 "$lab/tree"
history --work-tree="$lab/tree" checkout -q -f main -- . || fail "main cannot be checked out"
cp -RP /work/crm "$lab/folder"
find "$lab/folder" ! -type f ! -type d -delete
rm -rf "$lab/folder/.git" "$lab/folder/exports" "$lab/folder/out"
install -d -o 65534 -g 65534 "$lab/tree/out"
install -d "$lab/tree/exports"
install -m 644 /verify/other/customers.csv /verify/other/countries.json "$lab/tree/exports/"
chown -R 65534:65534 "$lab/folder"
cd "$lab/tree"
nobody python3 -B -m crm clean exports/customers.csv || fail "clean fails on another export"
for name in clean.csv rejects.csv; do
    diff "/verify/other/$name" "out/$name" || fail "clean is wrong on another export: $name"
done
nobody python3 -B -m unittest -q || fail "the tests of main do not pass"
cd "$lab/folder"
nobody python3 -B -m unittest -q || fail "the tests in the folder do not pass"
