. /verify/lib.sh
lab=$(new_lab)
copy_files /work/manual "$lab/manual"
cd "$lab/manual"
give_to_nobody "$lab/manual"

built() {       # is site/ what the pages in $1 say, and manual.tar.xz what site/ is?
    (cd site && sha256sum *.html style.css) >"$lab/sums" 2>/dev/null || fail "there are no pages in site/"
    diff "$1" "$lab/sums" || fail "pages in site/ are missing or wrong"
    (cd site && as_nobody sha256sum --quiet --strict -c SHA256SUMS) || fail "site/SHA256SUMS is wrong"
    sed -E 's,^[0-9a-f]+ [ *](\./)?,,' site/SHA256SUMS | sort >"$lab/named"
    sed 's/^[0-9a-f]*  //' "$1" | sort | diff - "$lab/named" || fail "site/SHA256SUMS names other files"
    rm -rf "$lab/unpacked"
    install -d -o 65534 -g 65534 "$lab/unpacked"
    as_nobody tar -xJf - -C "$lab/unpacked" <manual.tar.xz || fail "manual.tar.xz cannot be unpacked"
    diff -r --no-dereference site "$lab/unpacked/site" || fail "manual.tar.xz does not hold the site"
}
built /verify/site.sha256

# Anew, with other chapters.
as_nobody make clean >/dev/null || fail "make clean fails"
[ ! -e site ] && [ ! -e manual.tar.xz ] || fail "make clean leaves something behind"
rm -rf docs && cp -r /verify/docs docs && give_to_nobody docs
touch -d '2024-02-02 09:00' docs/*
as_nobody make >/dev/null || fail "make fails with other chapters"
built /verify/other.sha256
as_nobody make -q || fail "a second make has something to do"

anew() {        # which pages does make render after a change of $1?
    find . -exec touch -d '2024-02-02 09:00' {} +
    find site -exec touch -d '2024-03-03 09:00' {} +
    touch -d '2024-03-03 10:00' manual.tar.xz
    touch -d '2024-04-04 09:00' "$1"
    as_nobody make >/dev/null || fail "make fails after a change of $1"
    find site -name '*.html' ! -name index.html -newermt 2025-01-01 -printf '%f\n' | sort | tr '\n' ' '
}
[ "$(anew docs/two.txt)" = "two.html " ] || fail "a change of one chapter renders others, or not that one"
[ "$(anew templates/page.html)" = "one.html three.html two.html " ] || fail "the frame changes, and pages stay"
built /verify/other.sha256
