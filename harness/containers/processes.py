"""The processes of a sandbox, seen by a control shell's builtins: no program of it is asked.

A process is named by its pid and its start time (clock ticks since boot): a pid alone may be used
again, and a name can be changed by its owner.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from harness.containers.ports import Container, Probes
from harness.containers.process_scripts import LISTING, Process, end_all
from harness.containers.stream import Deadline
from harness.errors import SandboxError
from harness.shelltext.quoting import text_of

LINGER = 5.0
"""Seconds within which what was killed must be gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a process shows of itself."""

    name: str
    parent: int
    session: int


def list_processes(probes: Probes) -> dict[Process, Seen]:
    """Return all processes, the control shells apart."""
    found = {}
    said = text_of(probes.script(LISTING, "list processes", seconds=10, apart=False).stdout)
    for line in said.splitlines():
        pid, began, parent, session, name = line.split(" ", 4)
        found[int(pid), began] = Seen(name=name, parent=int(parent), session=int(session))
    ours = probes.processes()
    return {process: seen for process, seen in found.items() if process[0] not in ours}


def kin(
    processes: Mapping[Process, Seen],
    parents: AbstractSet[int],
    sessions: AbstractSet[int] = frozenset(),
) -> set[Process]:
    """Return who descends from one of the parents or keeps to one of the sessions."""
    parents, found = set(parents), set[Process]()
    while True:
        more = {
            process
            for process, seen in processes.items()
            if process not in found and (seen.parent in parents or seen.session in sessions)
        }
        if not more:
            return found
        found |= more
        parents |= {process[0] for process in more}


def find_arrivals(
    before: Mapping[Process, Seen], after: Mapping[Process, Seen], world: AbstractSet[Process]
) -> set[Process]:
    """Return who came between two looks, the agent's own processes apart.

    The agent's are those that descend from, or share a session with, a process that was there
    before and is not of the world.
    """
    foreign = {process: seen for process, seen in before.items() if process not in world}
    new = {process: seen for process, seen in after.items() if process not in before}
    sessions = {seen.session for seen in foreign.values()}
    return new.keys() - kin(new, {process[0] for process in foreign}, sessions)


def kill(
    container: Container, known: AbstractSet[Process], spared: AbstractSet[int]
) -> tuple[list[str], list[str]]:
    """End all that is neither known nor spared; return the names of (killed, survivors).

    Where the agent's processes kill what asks, or come faster than they go, the sandbox is
    restarted: then none of them is left.
    """
    killed: list[str] = []
    try:
        killed += _end(container.probes, [*known, *spared])
        deadline = Deadline(LINGER)
        while (left := _strange(container.probes, known, spared)) and not deadline.passed():
            killed += _end(container.probes, [*known, *spared])
            time.sleep(0.01)
    except SandboxError:
        left = ["(unknown)"]
    if left:
        container.restart()
        killed, left = ["(all, by a restart)"], _strange(container.probes, known, spared)
    return sorted(set(killed)), sorted(left)


def _end(probes: Probes, spared: Iterable[Process | int]) -> list[str]:
    script = end_all([*spared, *probes.processes()])
    # Not again: who was killed by a shell that was killed itself would go unnamed.
    result = probes.script(script, "kill", seconds=10, apart=False, again=False)
    return text_of(result.stdout).splitlines()


def _strange(probes: Probes, known: AbstractSet[Process], spared: AbstractSet[int]) -> list[str]:
    here = list_processes(probes)
    kept = known | kin(here, spared | {process[0] for process in known})
    return [seen.name for p, seen in here.items() if p not in kept and p[0] not in spared]


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


def find_listeners(probes: Probes, exe: str, port: int | None) -> set[int]:
    """Return the pids that run `exe` and listen on the TCP port (any, when it is None).

    Each user's processes are looked at as that user, for even root may not see into another's here.
    """
    script = _LISTENING.replace("EXE", exe).replace("PORT", f"{port or 0:04X}")
    owners = sorted(set(text_of(probes.ask(_OWNERS, seconds=10).stdout).split()))
    return set[int]().union(*(_pids(probes, script, user) for user in owners))


def _pids(probes: Probes, script: str, user: str) -> set[int]:
    said = text_of(probes.ask(script, user=user, seconds=10).stdout).split()
    return {int(pid) for pid in said if pid.isdigit()}
