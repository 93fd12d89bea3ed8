set -eu
chmod 700 /verify                       # the code under test must not read the answers
export LC_ALL=C.UTF-8
umask 022
fail() { echo "$*"; exit 1; }
nobody() {
    timeout -k 1 30 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}

# Only objects and refs are taken over: the repository's own settings and hooks could run anything.
made=/work/inkpot/.git
lab=$(mktemp -d)
chmod 711 "$lab"
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
! nobody python3 -B -m unittest -q 2>/dev/null || fail "the tests no longer notice the old mistakes"
tree main
nobody python3 -B -m unittest -q || fail "the tests of main do not pass"

cut -f2- /verify/titles.tsv | nobody python3 -B -m inkpot slug >"$lab/slugs" || fail "slug: failed"
cut -f1 /verify/titles.tsv | diff - "$lab/slugs" || fail "wrong slugs"
install -d "$lab/posts"
install -m 644 /verify/posts/*.md "$lab/posts"
nobody python3 -B -m inkpot index "$lab/posts" >"$lab/index" || fail "index: failed"
diff /verify/index.tsv "$lab/index" || fail "wrong index"
