. /verify/lib.sh
lab=$(new_lab)
made=/work/courier/.git
import_repository "$made" "$lab/own"
import_repository /srv/git/courier.git "$lab/shared"
own() { as_nobody git --git-dir="$lab/own" "$@"; }
shared() { as_nobody git --git-dir="$lab/shared" "$@"; }

[ "$(cat "$lab/own/HEAD")" = "ref: refs/heads/main" ] || fail "the checkout does not stand on main"
for left in rebase-merge rebase-apply MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD BISECT_LOG sequencer; do
    [ ! -e "$made/$left" ] || fail "a git operation is unfinished: $left"
done
diff -q wishes.md /work/courier/docs/wishes.md || fail "the edit of docs/wishes.md is lost"

. ./ids
tip=$(shared rev-parse -q --verify refs/heads/release/2.x) || fail "origin has no release/2.x"
[ "$(own rev-parse refs/heads/release/2.x)" = "$tip" ] || fail "origin has another release/2.x"
[ "$(own rev-parse refs/heads/main)" = "$main" ] || fail "main is not what it was"
shared merge-base --is-ancestor "$main" refs/heads/main || fail "main of origin lost commits"
[ "$(shared rev-parse refs/heads/trial/queue)" = "$queue" ] || fail "trial/queue is not what it was"
shared merge-base --is-ancestor "$base" "$tip" || fail "release/2.x lost commits that it had"
! shared merge-base --is-ancestor "$main" "$tip" || fail "main was merged"
shared log --reverse --format=%b "$base..$tip" | sed -n 's/^(cherry picked from commit \(.*\))$/\1/p' > "$lab/origins"
diff origins "$lab/origins" || fail "the fixes do not say where they come from, or are others"
shared diff --quiet "$main" "$tip" -- tests/test_envelope.py tests/test_route.py courier/envelope.py courier/route.py ||
    fail "a fix is not all there"
shared diff --quiet "$base" "$tip" -- tools tests/__init__.py courier/__main__.py docs/operators.md docs/wishes.md ||
    fail "more than the fixes came along"
[ -z "$(shared ls-tree --name-only "$tip" courier/places.py)" ] || fail "more than the fixes came along"

tree() {
    install -d -o 65534 -g 65534 "$lab/$1"
    shared --work-tree="$lab/$1" checkout -q -f "$tip" -- . || fail "release/2.x cannot be checked out"
    cd "$lab/$1"
}
tree former
shared --work-tree=. checkout -q "$base" -- courier/retry.py
! as_nobody python3 -B -m unittest -q 2> /dev/null || fail "no test notices that pauses grow and grow"
tree now
as_nobody python3 -B -m unittest -q || fail "the tests of release/2.x do not pass"
as_nobody python3 -B -m courier plan 9 > "$lab/plan" || fail "plan: failed"
diff /verify/plan "$lab/plan" || fail "plan: wrong pauses"
! as_nobody python3 -B -m courier plan 2 5 > /dev/null 2>&1 || fail "a feature came along"
grep -qx '__version__ = "2.4.1"' courier/__init__.py || fail "the package has another version"
sed -n '/^## 2.4.1$/,/^## 2.4.0$/p' CHANGELOG.md > "$lab/changes"
for change in 'Strip the blanks around a subject' 'Do not wait longer than a minute' 'Say which name has no place'; do
    grep -q "$change" "$lab/changes" || fail "CHANGELOG.md does not tell of: $change"
done
! grep -Eq '^(<<<<<<<|=======|>>>>>>>)' CHANGELOG.md || fail "CHANGELOG.md is not finished"
