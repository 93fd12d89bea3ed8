"""Who runs in a sandbox, seen by a control shell's builtins: no program of the sandbox is asked.

A process is named by its pid and its start time (clock ticks since boot): a pid alone may be used
again, and a name can be changed by its owner.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from harness.container import Box
from harness.shell import text_of
from harness.stream import Deadline

Process = tuple[int, str]
"""(pid, start time)"""

_LIST = """
for each in /proc/[0-9]*/stat; do
  read -r line < "$each" || continue
  pid=${each#/proc/}; pid=${pid%/stat}; name=${line#*(}
  [ "$pid" = "$BASHPID" ] && continue
  set -- ${line##*) }
  [ "$1" = Z ] || echo "$pid ${20} ${name%%)*}"
done 2>/dev/null
true"""


def running(box: Box) -> dict[Process, str]:
    """Return all processes with their names, the control shells apart."""
    own = box.controls()
    found = {}
    for line in text_of(box.ask(_LIST, seconds=10).stdout).splitlines():
        pid, began, name = (*line.split(" ", 2), "", "")[:3]
        if pid.isdigit() and int(pid) not in own:
            found[int(pid), began] = name
    return found


def kill(
    box: Box, known: AbstractSet[Process], spared: AbstractSet[int]
) -> tuple[list[str], list[str]]:
    """End all that is neither known nor spared; return the names of (killed, survivors)."""
    killed: dict[Process, str] = {}
    deadline, quiet = Deadline(5.0), 0
    while True:
        strange = {p: n for p, n in running(box).items() if p not in known and p[0] not in spared}
        quiet = 0 if strange else quiet + 1
        if quiet == 2 or deadline.passed():  # noqa: PLR2004 - nothing, twice, is nothing
            return sorted(killed.values()), sorted(strange.values())
        killed |= strange
        if strange:
            box.ask(f"kill -KILL {' '.join(str(pid) for pid, _ in strange)} 2>/dev/null; true")


_LISTENING = """
inodes=
while read -r _ at _ state _ _ _ _ _ inode _; do
  [ "$state" = 0A ] && [ "${at##*:}" = PORT ] && inodes="$inodes socket:[$inode]"
done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
for each in /proc/[0-9]*; do
  [ "$each/exe" -ef 'EXE' ] || continue
  if [ PORT = 0000 ]; then echo "${each#/proc/}"; continue; fi
  for fd in "$each"/fd/*; do
    to=$(readlink "$fd") || continue
    case " $inodes " in *" $to "*) echo "${each#/proc/}"; break;; esac
  done
done
true"""


_OWNERS = """
for each in /proc/[0-9]*/status; do
  while read -r key id _; do
    case $key in Uid:) uid=$id;; Gid:) echo "$uid:$id"; break;; esac
  done < "$each"
done 2>/dev/null
true"""

_CHILDREN = """
for each in /proc/[0-9]*/stat; do
  read -r line < "$each" || continue
  set -- ${line##*) }
  case ' PIDS ' in *" $2 "*) pid=${each#/proc/}; echo "${pid%/stat}";; esac
done 2>/dev/null
true"""


def listening(box: Box, exe: str, port: int | None) -> set[int]:
    """Return the pids that run `exe` and listen on the TCP port (any, when it is None).

    With them come their children: a daemon's workers, which it would only start again.  Each
    user's processes are looked at as that user, for even root may not see into another's here.
    """
    script = _LISTENING.replace("EXE", exe).replace("PORT", f"{port or 0:04X}")
    owners = sorted(set(text_of(box.ask(_OWNERS, seconds=10).stdout).split()))
    daemons = set[int]().union(*(_pids(box, script, user) for user in owners))
    children = _CHILDREN.replace("PIDS", " ".join(map(str, daemons)))
    return daemons | _pids(box, children, "root")


def _pids(box: Box, script: str, user: str) -> set[int]:
    said = text_of(box.ask(script, user=user, seconds=10).stdout).split()
    return {int(pid) for pid in said if pid.isdigit()}
