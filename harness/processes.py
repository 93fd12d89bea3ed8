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


def listening(box: Box, exe: str, port: int | None) -> set[int]:
    """Return the pids that run `exe` and listen on the TCP port (any, when it is None)."""
    script = _LISTENING.replace("EXE", exe).replace("PORT", f"{port or 0:04X}")
    said = text_of(box.ask(script, seconds=10).stdout).split()
    return {int(pid) for pid in said if pid.isdigit()}
