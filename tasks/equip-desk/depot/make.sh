# Pack the repository's packages and write its index.  $1: this folder, $2: where to.
set -eu
cd "$1"
mkdir -p "$2"
find . -exec touch -h -d '2024-02-01 09:00:00' {} +
for folder in desk-*_*; do
    dpkg-deb --build --root-owner-group "$folder" "$2/${folder}_all.deb" >/dev/null
done
cd "$2"
for package in *.deb; do
    dpkg-deb --field "$package"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$package" "$(stat -c %s "$package")" \
        "$(sha256sum "$package" | cut -d ' ' -f 1)"
done >Packages
printf 'Origin: Desk\nDate: Thu, 01 Feb 2024 09:00:00 +0000\nSHA256:\n %s %s Packages\n' \
    "$(sha256sum Packages | cut -d ' ' -f 1)" "$(stat -c %s Packages)" >Release
