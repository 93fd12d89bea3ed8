. /verify/lib.sh
lab=$(new_lab)
made=/work/purse/.git
import_repository "$made" "$lab/own"
own() { as_nobody git --git-dir="$lab/own" "$@"; }

[ "$(cat "$lab/own/HEAD")" = "ref: refs/heads/main" ] || fail "the checkout does not stand on main"
for left in rebase-merge rebase-apply MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD BISECT_LOG; do
    [ ! -e "$made/$left" ] || fail "a git operation is unfinished: $left"
done

. ./ids
own merge-base --is-ancestor "$base" main || fail "main lost commits that it had"
[ -z "$(own rev-list --merges "$base..main")" ] || fail "something was merged"
own diff --name-only "$base" main | LC_ALL=C sort > "$lab/changed"
diff changed "$lab/changed" || fail "more, or less, was committed than asked for"
own show main:purse/money.py | diff -q money.py - || fail "the patch is not in as it is"

install -d -o 65534 -g 65534 "$lab/tree"
own --work-tree="$lab/tree" checkout -q -f main -- . || fail "main cannot be checked out"
cd "$lab/tree"
as_nobody python3 -B -m unittest -q || fail "the tests of main do not pass"
as_nobody python3 -B -c '
import sys
from purse.split import split

for line in sys.stdin:
    cents, *weights = map(int, line.split())
    print(*split(cents, weights))
' < /verify/splits > "$lab/shares" || fail "split: failed"
diff /verify/shares "$lab/shares" || fail "split: wrong shares"
diff /verify/march.csv report/2024-03.csv || fail "the report is wrong"
install -m 644 /verify/book.csv books/2024-12.csv
chown 65534 report
as_nobody bin/close-month 2024-12 > /dev/null || fail "close-month: failed"
diff /verify/december.csv report/2024-12.csv || fail "close-month: wrong report"
grep -qi 'thousands' CHANGELOG.md || fail "CHANGELOG.md does not tell of the thousands"
grep -qi 'share' CHANGELOG.md || fail "CHANGELOG.md does not tell of the shares"
