. /verify/lib.sh
stats=/srv/www/stats
[ "$(readlink "$stats/latest")" = 2024-21 ] || [ "$(readlink "$stats/latest")" = "$stats/2024-21" ] ||
    fail "latest does not lead to 2024-21"
weeks=$(find "$stats" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | tr '\n' ' ')
[ "$weeks" = "2024-19 2024-20 2024-21 " ] || fail "other weeks are kept: $weeks"
for week in 19 20; do
    grep -q "^2024-W$week,all" "$stats/2024-$week/week.csv" || fail "week $week was changed"
done

# A copy without links: one could lead to the answers.
lab=$(new_lab)
copy_files "$stats/2024-21" "$lab/week"
copy_files /work/shopstats "$lab/shopstats"
for name in week.csv categories.csv index.html; do
    [ -f "$lab/week/$name" ] || fail "$name is not published"
    diff "/verify/week/$name" "$lab/week/$name" || fail "$name is wrong"
    [ "$(stat -c %a "$lab/week/$name")" = 644 ] || fail "$name is not for everybody to read"
done
[ "$(wc -l <"$lab/week/SHA256SUMS")" = 3 ] || fail "SHA256SUMS has another number of lines"
(cd "$lab/week" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS is wrong"

# Other sales.
cp /verify/other/prices.csv /verify/other/priced.tsv "$lab/"
give_to_nobody "$lab/shopstats"
cd "$lab/shopstats"
as_nobody bin/by-category "$lab/prices.csv" "$lab/priced.tsv" >"$lab/categories.csv" || fail "bin/by-category fails on other sales"
diff /verify/other/categories.csv "$lab/categories.csv" || fail "bin/by-category is wrong for other sales"
