"""What programs are: one table, of which every reader of commands asks its own question."""

from __future__ import annotations

_KINDS = {
    "nothing": ": false true",
    "waits": "sleep wait",
    "says": "echo printf pwd",
    "moves": "cd popd pushd",
    "sets": "export set",
    "tests": "[ [[ test",
    "searches": "ag egrep fgrep grep rg",
    "names": "apropos command help man type whatis which",
    "filters": "cut",
    "reads": "cat cmp diff head ls sha256sum stat tail wc",
    "looks": "apt-cache apt.list awk bat date df dig dmesg docker.ps du env file find free fuser "
    "getent git.branch git.diff git.grep git.log git.remote git.show git.status hexdump host "
    "id ip journalctl ldd less locale lsattr lscpu lsof lslocks more mount namei netstat "
    "nginx.-t nl npm.ls npm.view nproc nslookup od pgrep ping pip.index pip.list pip.show "
    "printenv ps readlink realpath sort ss strings systemctl.status top tree tty ulimit uname "
    "uniq whoami xxd",
    "alters": ". alias chattr chgrp chmod chown cp createdb createuser fusermount git hash initctl "
    "install kill killall ldconfig ln locale-gen mkdir mkfifo mv pg_ctl pg_ctlcluster pkill rm "
    "rmdir rsync service setfacl source systemctl timedatectl touch umount unlink unset "
    "update-ca-certificates useradd",
}
"""Each program's kind, or that of one of its verbs (`git.log`)."""

_KIND = {name: kind for kind, names in _KINDS.items() for name in names.split()}

_NAMES = {
    "runners": "chroot find flock parallel runuser script su watch",
    "languages": "awk lua node perl php python ruby",
    "clients": "mysql psql redis-cli sqlite3",
    "writers": "cp install mv tee",
    "builtins": ": . [ alias bg bind break builtin caller cd command compgen complete continue "
    "declare dirs disown echo enable eval exec exit export false fc fg getopts hash help history "
    "jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return set "
    "shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait",
    "shells": "ash bash dash ksh sh zsh",
    "many": "ansible-galaxy apt apt-get aws brew bundle cargo composer conda docker dotnet gcloud "
    "gem gh git go helm kubectl npm pip pipx pnpm podman poetry rake service systemctl terraform "
    "uv yarn",
}
BUILTINS = frozenset(_NAMES["builtins"].split())
"""Bash runs these itself: nothing is executed."""
SHELLS = frozenset(_NAMES["shells"].split())
MANY = frozenset(_NAMES["many"].split())
"""The first plain word of these says what they do (`git push`)."""

WRAPPERS = {
    "builtin": "",
    "command": "",
    "doas": "-u -C",
    "env": "-u -C --unset --chdir",
    "exec": "-a",
    "ionice": "-c -n",
    "nice": "-n --adjustment",
    "nohup": "",
    "setsid": "",
    "stdbuf": "-i -o -e",
    "sudo": "-u -g -h -p -C -T -R -D -U --user --group --chdir",
    "time": "-f -o",
    "timeout": "-s -k --signal --kill-after",
    "xargs": "-I -n -P -L -d -s -a -E --max-args --max-procs --delimiter",
}
"""Programs that run their words, with those of their options that take a value in the next word."""

RUNNERS = frozenset((*_NAMES["runners"].split(), *WRAPPERS))
"""All programs that run their words; those that are no wrappers have words of their own besides."""
LANGUAGES = frozenset(_NAMES["languages"].split())
"""Programs that run a program's text; a version may follow the name."""
CLIENTS = frozenset(_NAMES["clients"].split())
"""What they are fed with is a command to them."""
WRITERS = frozenset(_NAMES["writers"].split())
"""Their words are files that they write."""


def waits(program: str) -> bool:
    """Say whether it lets time pass and does nothing else."""
    return _KIND.get(program) in {"nothing", "waits"}


def talks(program: str) -> bool:
    """Say whether its words are mere text to it: what they look like is not done."""
    return _KIND.get(program) in {"nothing", "says", "tests", "searches", "names"}


def chats(program: str) -> bool:
    """Say whether it only says where it is, goes elsewhere or prints its words."""
    return _KIND.get(program) in {"says", "moves"}


def idles(program: str) -> bool:
    """Say whether it changes and finds out nothing outside its shell."""
    return _KIND.get(program) in {"nothing", "waits", "says", "moves", "sets"}


def fails(program: str) -> bool:
    """Say whether its failure would be one in earnest: not that of a test or an idle one."""
    return not idles(program) and _KIND.get(program) != "tests"


def reads(program: str) -> bool:
    """Say whether it writes to no file, whatever its options."""
    return _KIND.get(program) in {"filters", "reads", "searches"}


def looks(program: str, verb: str = "") -> bool:
    """Say whether it finds something out and leaves things as they are."""
    kind = _KIND.get(f"{program}.{verb}", _KIND.get(program))
    return kind in {"says", "tests", "searches", "names", "filters", "reads", "looks"}


def shows(program: str) -> bool:
    """Say whether it shows what a file holds, or only names it: that is no use of it."""
    return _KIND.get(program) in {"says", "tests", "searches", "names", "reads"}


def alters(program: str) -> bool:
    """Say whether it changes state other than a file's content."""
    return _KIND.get(program) in {"sets", "alters"}
