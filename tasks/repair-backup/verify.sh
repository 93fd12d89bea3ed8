. /verify/lib.sh
ops=/work/ops target=/var/backups/shop
lab=$(new_lab)

unpack() {      # the archive, as somebody without rights, so that it can harm nobody
    rm -rf "$lab/unpacked"
    install -d -o 65534 -g 65534 "$lab/unpacked"
    as_nobody tar -xzf - -C "$lab/unpacked" <"$1" || fail "${1##*/} cannot be unpacked"
}
archives() { find "$target" -maxdepth 1 -type f -name 'shop-*.tar.gz' -printf '%f\n' | sort; }

# What the agent left: seven archives, the newest made since, with all of the shop in it.
[ "$(archives | wc -l)" = 7 ] || fail "there are $(archives | wc -l) archives instead of 7"
newest=$(archives | tail -n 1)
[ "$newest" \> shop-2024-03-09.tar.gz ] || fail "no archive has been made since 2024-03-09"
[ "$(archives | head -n 1)" \> shop-2024-03-03.tar.gz ] || fail "an old archive is still there"
unpack "$target/$newest"
(cd "$lab/unpacked/shop" && sha256sum --quiet -c /verify/shop.sha256) || fail "$newest is incomplete"

# The next nights, with another shop, in the environment that cron gives.
rm -rf /srv/shop "$target" "$ops"/run/*.pid
cp -r /verify/shop /srv/shop
mkdir "$target"
for day in 1 2 3 4 5 6 7; do touch -d "2023-12-0$day" "$target/shop-2023-12-0$day.tar.gz"; done
kept="shop-2023-12-05.tar.gz shop-2023-12-06.tar.gz shop-2023-12-07.tar.gz "
for other in shop-notes.txt moved.tar.gz; do echo other >"$target/$other"; done
sed -i 's/^KEEP=.*/KEEP=4/' "$ops/etc/backup.conf"
find "$ops" -type l -delete
give_to_nobody "$ops" "$target" /srv/shop
night() {
    cd /
    as_nobody env -i HOME=/ LOGNAME=backup SHELL=/bin/sh PATH=/usr/bin:/bin /bin/sh -c "$ops/bin/backup-shop" </dev/null ||
        fail "backup-shop fails under cron"
    [ "$(archives | head -n -1 | tr '\n' ' ')" = "$kept" ] && [ "$(archives | tail -n 1)" \> shop-2024 ] ||
        fail "wrong archives are kept: $(archives | tr '\n' ' ')"
    [ -f "$target/shop-notes.txt" ] && [ -f "$target/moved.tar.gz" ] || fail "other files are deleted"
    unpack "$target/$(archives | tail -n 1)"
    diff -r --no-dereference /verify/shop "$lab/unpacked/shop" || fail "the archive is incomplete"
}
night
night
