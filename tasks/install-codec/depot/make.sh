# Pack the repository's packages and write its index.  $1: this folder, $2: where to.
set -eu
cd "$1"
mkdir -p "$2" libcrc8-dev/usr/lib
gcc -O2 -fPIC -Ilibcrc8-dev/usr/include -c -o /tmp/crc8.o src/crc8.c
ar rcD libcrc8-dev/usr/lib/libcrc8.a /tmp/crc8.o
rm /tmp/crc8.o
find . -exec touch -d '2024-02-01 09:00:00' {} +
dpkg-deb --build --root-owner-group libcrc8-dev "$2/libcrc8-dev_1.2-1_all.deb" >/dev/null
cd "$2"
for package in *.deb; do
    dpkg-deb --field "$package"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$package" "$(stat -c %s "$package")" \
        "$(sha256sum "$package" | cut -d ' ' -f 1)"
done >Packages
printf 'Origin: Station\nDate: Thu, 01 Feb 2024 09:00:00 +0000\nSHA256:\n %s %s Packages\n' \
    "$(sha256sum Packages | cut -d ' ' -f 1)" "$(stat -c %s Packages)" >Release
