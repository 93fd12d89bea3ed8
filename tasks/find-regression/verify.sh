. /verify/lib.sh
lab=$(new_lab)
made=/work/gauge/.git
import_repository "$made" "$lab/own"
import_repository /srv/git/gauge.git "$lab/shared"
own() { as_nobody git --git-dir="$lab/own" "$@"; }
shared() { as_nobody git --git-dir="$lab/shared" "$@"; }

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
! as_nobody python3 -B -m unittest -q 2> /dev/null || fail "no test notices the mistake"
tree now
as_nobody python3 -B -m unittest -q || fail "the tests of main do not pass"
as_nobody python3 -B -m gauge mean data/may.csv > "$lab/means" || fail "mean: failed"
diff /verify/means "$lab/means" || fail "mean: wrong"
