. /verify/lib.sh
made=/work/inkpot/.git
lab=$(new_lab)
import_repository "$made" "$lab/git"
history() { as_nobody git --git-dir="$lab/git" "$@"; }

[ "$(cat "$lab/git/HEAD")" = "ref: refs/heads/main" ] || fail "the checkout does not stand on main"
for left in rebase-merge rebase-apply MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD; do
    [ ! -e "$made/$left" ] || fail "a git operation is unfinished: $left"
done
base=$(cat base)
history merge-base --is-ancestor "$base" main || fail "main lost commits that it had"
history diff --quiet "$base" main -- posts || fail "main changes published posts"
history show feed-links:inkpot/feed.py | grep -q "<link href" || fail "feed-links lost its work"

tree() {
    install -d -o 65534 -g 65534 "$lab/$1"
    history --work-tree="$lab/$1" checkout -q -f main -- . || fail "main cannot be checked out"
    cd "$lab/$1"
}
tree broken
history --work-tree=. checkout -q "$base" -- inkpot/slug.py
! as_nobody python3 -B -m unittest -q 2>/dev/null || fail "the tests no longer notice the old mistakes"
tree main
as_nobody python3 -B -m unittest -q || fail "the tests of main do not pass"

cut -f2- /verify/titles.tsv | as_nobody python3 -B -m inkpot slug >"$lab/slugs" || fail "slug: failed"
cut -f1 /verify/titles.tsv | diff - "$lab/slugs" || fail "wrong slugs"
install -d "$lab/posts"
install -m 644 /verify/posts/*.md "$lab/posts"
as_nobody python3 -B -m inkpot index "$lab/posts" >"$lab/index" || fail "index: failed"
diff /verify/index.tsv "$lab/index" || fail "wrong index"
