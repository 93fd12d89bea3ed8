set -eu
chmod 700 /verify                       # the code under test must not read the answers
export LC_ALL=C.UTF-8
umask 022
fail() { echo "$*"; exit 1; }
nobody() {
    timeout -k 1 60 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}
lab=$(mktemp -d)
chmod 711 "$lab"
cp -a /work/manual "$lab/manual"
cd "$lab/manual"
find . ! -type f ! -type d -delete
chown -R 65534:65534 "$lab/manual"

built() {       # is site/ what the pages in $1 say, and manual.tar.xz what site/ is?
    (cd site && sha256sum *.html style.css) >"$lab/sums" 2>/dev/null || fail "there are no pages in site/"
    diff "$1" "$lab/sums" || fail "pages in site/ are missing or wrong"
    diff "$1" site/SHA256SUMS || fail "site/SHA256SUMS is wrong"
    rm -rf "$lab/unpacked"
    install -d -o 65534 -g 65534 "$lab/unpacked"
    nobody tar -xJf - -C "$lab/unpacked" <manual.tar.xz || fail "manual.tar.xz cannot be unpacked"
    diff -r --no-dereference site "$lab/unpacked/site" || fail "manual.tar.xz does not hold the site"
}
built /verify/site.sha256

# Anew, with other chapters.
nobody make clean >/dev/null || fail "make clean fails"
[ ! -e site ] && [ ! -e manual.tar.xz ] || fail "make clean leaves something behind"
rm -rf docs && cp -r /verify/docs docs && chown -R 65534:65534 docs
touch -d '2024-02-02 09:00' docs/*
nobody make >/dev/null || fail "make fails with other chapters"
built /verify/other.sha256
nobody make -q || fail "a second make has something to do"

anew() {        # which pages does make render after a change of $1?
    find . -exec touch -d '2024-02-02 09:00' {} +
    find site -exec touch -d '2024-03-03 09:00' {} +
    touch -d '2024-03-03 10:00' manual.tar.xz
    touch -d '2024-04-04 09:00' "$1"
    nobody make >/dev/null || fail "make fails after a change of $1"
    find site -name '*.html' ! -name index.html -newermt 2025-01-01 -printf '%f\n' | sort | tr '\n' ' '
}
[ "$(anew docs/two.txt)" = "two.html " ] || fail "a change of one chapter renders others, or not that one"
[ "$(anew templates/page.html)" = "one.html three.html two.html " ] || fail "the frame changes, and pages stay"
built /verify/other.sha256
