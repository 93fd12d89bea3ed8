set -eu
chmod 700 /verify                       # the code under test must not read the answers
export LC_ALL=C.UTF-8
umask 022
fail() { echo "$*"; exit 1; }
nobody() {
    timeout -k 1 30 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}

# Only objects and refs are taken over: a repository's own settings and hooks could run anything.
lab=$(mktemp -d)
chmod 711 "$lab"
taken() {
    git init -q --bare "$lab/$2"
    rm -rf "$lab/$2/objects" "$lab/$2/refs"
    cp -RP "$1/objects" "$1/refs" "$1/HEAD" "$lab/$2/" || fail "$1 is incomplete"
    [ ! -f "$1/packed-refs" ] || cp -P "$1/packed-refs" "$lab/$2/"
    rm -rf "$lab/$2/objects/info" "$lab/$2/hooks" "$lab/$2/refs/replace"
    find "$lab/$2" ! -type f ! -type d -delete
    chown -R 65534:65534 "$lab/$2"
    chmod -R u+rwX "$lab/$2"
}
made=/work/gauge/.git
taken "$made" own
taken /srv/git/gauge.git shared
own() { nobody git --git-dir="$lab/own" "$@"; }
shared() { nobody git --git-dir="$lab/shared" "$@"; }

[ "$(cat "$lab/own/HEAD")" = "ref: refs/heads/main" ] || fail "the checkout does not stand on main"
for left in rebase-merge rebase-apply MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD BISECT_LOG; do
    [ ! -e "$made/$left" ] || fail "a git operation is unfinished: $left"
done
[ "$(git config -f "$made/config" core.hooksPath)" = tools/hooks ] || fail "the hooks are not switched on"
diff -q june.csv /work/gauge/data/june.csv || fail "the readings of June are lost"

. ./ids
tip=$(shared rev-parse -q --verify refs/heads/main) || fail "origin has no main"
[ "$(own rev-parse refs/heads/main)" = "$tip" ] || fail "origin has another main"
shared merge-base --is-ancestor "$base" "$tip" || fail "main lost commits that it had"
[ "$(shared rev-parse refs/heads/trial/median)" = "$median" ] || fail "trial/median is not what it was"
[ "$(shared show "$tip:docs/regression.txt")" = "$culprit" ] || fail "docs/regression.txt names another commit"
shared log --format=%b "$base..$tip" | grep -q "This reverts commit $culprit" || fail "there is no revert of it"
shared diff --quiet "$base" "$tip" -- data docs/alarms.md docs/stations.md tools README.md tests/test_readings.py gauge/__main__.py gauge/readings.py ||
    fail "more is changed than was asked for"
shared show "$tip:gauge/sums.py" | diff -q sums.py - || fail "gauge/sums.py: more, or less, was undone"

tree() {
    install -d -o 65534 -g 65534 "$lab/$1"
    shared --work-tree="$lab/$1" checkout -q -f "$tip" -- . || fail "main cannot be checked out"
    cd "$lab/$1"
}
tree former
shared --work-tree=. checkout -q "$base" -- gauge/sums.py
! nobody python3 -B -m unittest -q 2> /dev/null || fail "no test notices the mistake"
tree now
nobody python3 -B -m unittest -q || fail "the tests of main do not pass"
nobody python3 -B -m gauge mean data/may.csv > "$lab/means" || fail "mean: failed"
diff /verify/means "$lab/means" || fail "mean: wrong"
