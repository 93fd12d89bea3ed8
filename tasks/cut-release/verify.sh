. /verify/lib.sh
lab=$(new_lab)
made=/work/tally/.git
import_repository "$made" "$lab/own"
import_repository /srv/git/tally.git "$lab/shared"
own() { as_nobody git --git-dir="$lab/own" "$@"; }
shared() { as_nobody git --git-dir="$lab/shared" "$@"; }

[ "$(cat "$lab/own/HEAD")" = "ref: refs/heads/main" ] || fail "the checkout does not stand on main"
for left in rebase-merge rebase-apply MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD BISECT_LOG; do
    [ ! -e "$made/$left" ] || fail "a git operation is unfinished: $left"
done
cat plan.md | diff -q - /work/tally/docs/plan.md || fail "the edit of docs/plan.md is lost"

. ./ids
tip=$(shared rev-parse -q --verify refs/heads/main) || fail "origin has no main"
[ "$(own rev-parse refs/heads/main)" = "$tip" ] || fail "origin has another main"
for id in "$base" "$weekly"; do
    shared merge-base --is-ancestor "$id" "$tip" || fail "main does not contain $id"
done
[ "$(shared rev-parse refs/heads/weekly refs/heads/colours)" = "$weekly
$colours" ] || fail "another branch of origin is not what it was"
for where in own shared; do
    [ "$($where cat-file -t refs/tags/v1.4.0)" = tag ] || fail "$where: v1.4.0 is no annotated tag"
    [ "$($where rev-parse 'refs/tags/v1.4.0^{commit}')" = "$tip" ] || fail "$where: v1.4.0 is elsewhere"
    [ "$($where rev-parse refs/tags/v1.3.1)" = "$former" ] || fail "$where: v1.3.1 is not what it was"
done
shared diff --quiet "$base" "$tip" -- docs tests/test_parse.py tests/test_report.py tests/__init__.py tools ||
    fail "main changes docs, tests or tools"
shared diff --quiet "$weekly" "$tip" -- tests/test_weekly.py tally/weekly.py || fail "weekly is not all there"

install -d -o 65534 -g 65534 "$lab/tree"
shared --work-tree="$lab/tree" checkout -q -f "$tip" -- . || fail "main cannot be checked out"
cd "$lab/tree"
as_nobody python3 -B -m unittest -q || fail "the tests of main do not pass"
install -m 644 /verify/sheet "$lab/sheet"
for what in days projects weeks; do
    as_nobody python3 -B -m tally $what "$lab/sheet" > "$lab/$what" || fail "$what: failed"
    diff "/verify/$what" "$lab/$what" || fail "$what: wrong"
done
grep -qx '__version__ = "1.4.0"' tally/__init__.py || fail "the package has another version"
sed -n '/^## 1.4.0$/,/^## 1.3.1$/p' CHANGELOG.md > "$lab/changes"
for change in 'begin with `#`' 'last line is the total' 'by calendar week'; do
    grep -q "$change" "$lab/changes" || fail "CHANGELOG.md does not tell of: $change"
done
! grep -Eq '^(<<<<<<<|=======|>>>>>>>)|Unreleased' CHANGELOG.md || fail "CHANGELOG.md is not finished"
