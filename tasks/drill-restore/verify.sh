. /verify/lib.sh
manifest() {    # what bin/manifest should print, by another way
    python3 -I -S - "$1" <<'PYTHON'
import hashlib, os, sys
root = sys.argv[1]
found = sorted(os.path.relpath(os.path.join(folder, name), root) for folder, _, names in os.walk(root) for name in names)
for name in found:
    data = open(os.path.join(root, name), "rb").read()
    print(hashlib.sha256(data).hexdigest(), len(data), name)
PYTHON
}
project=/work/vault store=/var/backups/notes
find "$project" "$store" /srv/drill -type l -delete
lab=$(new_lab)

# What the agent left: three snapshots, the newest whole, restored, and told of.
[ "$(ls "$store"/notes-*T*.tar.xz | wc -l)" = 3 ] || fail "not three snapshots are kept"
[ "$(ls -A "$store" | wc -l)" = 11 ] || fail "something else lies about among the snapshots: $(ls -A "$store")"
newest=$(ls "$store"/notes-*T*.tar.xz | tail -n 1)
base=${newest%.tar.xz}
[ "$newest" \> "$store/notes-20240305" ] || fail "no snapshot has been made"
[ "$(stat -c %a "$base".* | sort -u)" = 640 ] || fail "the snapshot's mode is not 640"
diff /verify/manifest "$base.manifest" || fail "the manifest is wrong"
sums() { (cd "$1" && sha256sum --quiet --strict -c "$2") && [ "$(wc -l <"$1/$2")" = 2 ]; }
sums "$store" "${base##*/}.sha256" || fail "the sums do not fit"
unpack() {
    rm -rf "$lab/unpacked"
    install -d -o 65534 -g 65534 "$lab/unpacked"
    as_nobody tar -xJf - -C "$lab/unpacked" <"$1" || fail "${1##*/} cannot be unpacked"
}
unpack "$newest"
manifest "$lab/unpacked/notes" | diff /verify/manifest - || fail "the snapshot is incomplete"
manifest /srv/drill/notes | diff /verify/manifest - || fail "the drill's folder is not what was packed"
python3 -I -S - "$project/report/drill.json" "${newest##*/}" <<'PYTHON' || fail "report/drill.json is wrong"
import json, sys
rows = [line.split(" ", 2) for line in open("/verify/manifest")]
wanted = {"archive": sys.argv[2], "files": len(rows), "bytes": sum(int(row[1]) for row in rows)}
sys.exit(json.load(open(sys.argv[1])) != wanted)
PYTHON

# The programs, with other notes.
home=$lab/vault
cp -a "$project" "$home"
cp -r /verify/other "$lab/source"
mkdir "$lab/store" "$lab/drill"
echo other >"$lab/store/log-elsewhere.txt"
sed -i "s|^SOURCE=/srv/notes$|SOURCE=$lab/source|; s|^STORE=/var/backups/notes$|STORE=$lab/store|; s|^NAME=notes$|NAME=log|; s|^KEEP=3$|KEEP=2|" \
    "$home/etc/vault.conf"
grep -c "^SOURCE=$lab\|^STORE=$lab\|^NAME=log\|^KEEP=2" "$home/etc/vault.conf" | grep -qx 4 || fail "the settings are others"
for day in 1 2 3; do
    for end in tar.xz manifest sha256; do echo old >"$lab/store/log-2023010${day}T020000.$end"; done
done
give_to_nobody "$home" "$lab/source" "$lab/store" "$lab/drill"
cd /
made=$(as_nobody "$home/bin/snapshot") || fail "bin/snapshot fails with other notes"
[ -f "$made" ] && [ "$(dirname "$made")" = "$lab/store" ] || fail "bin/snapshot does not print the archive's path"
[ "$(ls -A "$lab/store" | tr '\n' ' ')" = "log-20230103T020000.manifest log-20230103T020000.sha256 log-20230103T020000.tar.xz $(cd "$lab/store" && ls log-202[4-9]*.manifest log-202[4-9]*.sha256 log-202[4-9]*.tar.xz | tr '\n' ' ')log-elsewhere.txt " ] ||
    fail "other snapshots are kept than should be: $(ls -A "$lab/store" | tr '\n' ' ')"
manifest /verify/other | diff - "${made%.tar.xz}.manifest" || fail "the manifest of other notes is wrong"
unpack "$made"
diff -r --no-dereference /verify/other "$lab/unpacked/log" || fail "the snapshot of other notes is incomplete"
as_nobody "$home/bin/restore" "$made" "$lab/drill/new" || fail "bin/restore fails with other notes"
diff -r --no-dereference /verify/other "$lab/drill/new" || fail "bin/restore restores something else"
! as_nobody "$home/bin/restore" "$made" "$lab/drill/new" 2>/dev/null || fail "bin/restore writes into a folder that is not empty"
printf x >>"$made"
! as_nobody "$home/bin/restore" "$made" "$lab/drill/bad" 2>/dev/null || fail "bin/restore takes a damaged archive"
[ ! -e "$lab/drill/bad" ] || [ -z "$(ls -A "$lab/drill/bad")" ] || fail "bin/restore unpacks a damaged archive"
sed -i "s|^SOURCE=.*|SOURCE=$lab/nothing|" "$home/etc/vault.conf"
before=$(ls -A "$lab/store")
! as_nobody "$home/bin/snapshot" >/dev/null 2>&1 || fail "bin/snapshot is content without notes"
[ "$(ls -A "$lab/store")" = "$before" ] || fail "a snapshot that failed leaves something behind"
