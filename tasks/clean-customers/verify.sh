. /verify/lib.sh
# A copy without links: one could lead to the answers.
lab=$(new_lab)
copy_files /work/crm/out "$lab/out"
for name in clean.csv rejects.csv groups.csv mailing.txt; do
    [ -f "$lab/out/$name" ] || fail "out/$name is missing"
    diff "/verify/spring/$name" "$lab/out/$name" || fail "out/$name is wrong"
done

made=/work/crm/.git
import_repository "$made" "$lab/git"
history() { as_nobody git --git-dir="$lab/git" "$@"; }
[ "$(cat "$lab/git/HEAD")" = "ref: refs/heads/main" ] || fail "the checkout does not stand on main"
base=$(cat base)
history merge-base --is-ancestor "$base" main || fail "main lost commits that it had"
[ "$(history rev-parse main)" != "$base" ] || fail "nothing is committed"
history diff --quiet "$base" main -- tests/test_rules.py tests/test_groups.py hooks || fail "tests or hook changed"
history diff --check "$base" main || fail "lines of the commit end in blanks"

# What is committed, with another export; and the tests as they lie in the folder.
install -d -o 65534 -g 65534 "$lab/tree"
history --work-tree="$lab/tree" checkout -q -f main -- . || fail "main cannot be checked out"
copy_files /work/crm "$lab/folder"
rm -rf "$lab/folder/.git" "$lab/folder/exports" "$lab/folder/out"
install -d -o 65534 -g 65534 "$lab/tree/out"
install -d "$lab/tree/exports"
install -m 644 /verify/other/customers.csv /verify/other/countries.json "$lab/tree/exports/"
give_to_nobody "$lab/folder"
cd "$lab/tree"
as_nobody python3 -B -m crm clean exports/customers.csv || fail "clean fails on another export"
for name in clean.csv rejects.csv; do
    diff "/verify/other/$name" "out/$name" || fail "clean is wrong on another export: $name"
done
as_nobody python3 -B -m unittest -q || fail "the tests of main do not pass"
cd "$lab/folder"
as_nobody python3 -B -m unittest -q || fail "the tests in the folder do not pass"
