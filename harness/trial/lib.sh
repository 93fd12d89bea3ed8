# What verifiers share.  The harness puts this file at /verify/lib.sh, which only root can read, and
# a verifier begins with `. /verify/lib.sh`.
# shellcheck shell=bash
set -eu
export LC_ALL=C.UTF-8
umask 022

# fail WHY: the goal is not reached.
fail() {
    echo "$*"
    exit 1
}

# as_nobody [NAME=VALUE]... PROGRAM [ARGUMENT]...: run what the agent left, for 60 seconds at most.
# It has no rights and no environment of ours, so that it can neither read the answers nor harm the check.
as_nobody() {
    timeout -k 1 60 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
        --inh-caps=-all env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 "$@"
}

# give_to_nobody PATH...: let `as_nobody` write there.
give_to_nobody() {
    chown -R 65534:65534 "$@"
}

# new_lab: make a folder for copies, and print its path.  `as_nobody` can enter it, and not list it.
new_lab() {
    local folder
    folder=$(mktemp -d)
    chmod 711 "$folder"
    echo "$folder"
}

# copy_files FROM TO: copy files and folders only.  A link could lead to the answers.
copy_files() {
    cp -RP "$1" "$2"
    find "$2" ! -type f ! -type d -delete
}

# import_repository GIT_FOLDER TO: copy a git repository's objects and refs, as a bare one of nobody's.
# Its settings, hooks, alternates and replaced objects stay behind: they could run or show anything.
import_repository() {
    git init -q --bare "$2"
    rm -rf "$2/objects" "$2/refs"
    cp -RP "$1/objects" "$1/refs" "$1/HEAD" "$2/" || fail "$1 is incomplete"
    [ ! -f "$1/packed-refs" ] || cp -P "$1/packed-refs" "$2/"
    rm -rf "$2/objects/info" "$2/hooks" "$2/refs/replace"
    find "$2" ! -type f ! -type d -delete
    give_to_nobody "$2"
    chmod -R u+rwX "$2"
}
