"""What bash's builtins can see of a sandbox's processes, and do to them: scripts, and no more.

A control shell runs these.  No program of the sandbox is asked, and no process is made: they work
where the agent has swapped every program, and where its processes have used up every process id.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.containers.shell_protocol import Ending

Process = tuple[int, str]
"""(pid, start time in clock ticks since boot): a pid alone may be used again."""

FIRST = 1
"""The pid of the container's own process."""

# One line of /proc/PID/stat into `pid`, `name` and the fields after the name: $1 state, $2 parent,
# $4 session, ${20} start time.  A name may hold blanks, parentheses and newlines.
_EACH = """for each in /proc/[0-9]*/stat; do
  IFS= read -r -d '' line < "$each" 2>/dev/null
  pid=${each#/proc/} pid=${pid%/stat} name=${line#*(} name=${name%)*}
  set -- ${line##*) }
  [ $# -gt 20 ] || continue"""

LISTING = f"""{_EACH}
  [ "$pid" = "$BASHPID" ] || [ "$1" = Z ] ||
    builtin echo "$pid ${{20}} $2 $4 ${{name//[^ -~]/?}}"
done; true"""
"""A line a process: pid, start time, parent, session, name (zombies apart)."""


def end_session(leader: int, before: Ending | None) -> str:
    """Return a script that kills a shell, and what the command it is at has started.

    `before` ended the command before that one: what was there then, such as its background jobs,
    goes on.  Without it everything that the shell ever started and that kept to its session dies.
    The first process itself goes on: no signal ends it.
    """
    if leader == FIRST:
        return _END_FIRSTS
    return f"""{_since(before)}
doomed=" {leader} " quiet=0
builtin kill -STOP {leader} 2>/dev/null
while [ $((quiet += 1)) -lt 3 ]; do
  {_EACH}
    case "$doomed" in *" $pid "*) continue;; esac
    [ "$((${{20}} - since))" -ge -2 ] || continue
    [ "$((${{20}} - since))" -gt 2 ] || [ "$pid" -gt $job ] || continue
    case "$doomed" in *" $2 "*) ;; *) [ "$2.$4" = 1.{leader} ] || continue;; esac
    builtin kill -STOP "$pid" 2>/dev/null; doomed="$doomed$pid " quiet=0
  done
done
builtin kill -KILL $doomed 2>/dev/null; true"""


_END_FIRSTS = f"""quiet=0
while [ $((quiet += 1)) -lt 3 ]; do
  {_EACH}
    case "$1.$4.$pid" in Z.*|*.{FIRST}) ;; *.{FIRST}.*) builtin kill -KILL "$pid" && quiet=0;; esac
  done 2>/dev/null
done; true"""
"""Kill what keeps to the first process's session."""


def _since(before: Ending | None) -> str:
    """Return a script that sets `since` (clock ticks since boot) and `job` (a process id).

    The sandbox's clock is read until no pause falls between its readings.  Two ticks to either
    side are in doubt; there process ids decide, which grow.
    """
    if before is None or before.moment is None:
        return "since=0 job=0"
    return f"""tries=0 job={before.job}
while now=${{EPOCHREALTIME/[.,]/}}; read -r up _ < /proc/uptime; tries=$((tries + 1))
  [ $((${{EPOCHREALTIME/[.,]/}} - now)) -gt 2000 ] && [ $tries -lt 50 ]
do :; done
since=$((10#${{up/./}} - now / 10000 + {int(before.moment * 100)}))"""


def end_all(spared: Iterable[Process | int]) -> str:
    """Return a script that kills every process but those spared, and prints their names.

    With the spared go their children, a daemon's workers.  All others are stopped first: a stopped
    process keeps its process id and can start no other, so that even processes which start others
    faster than they are killed come to an end.
    """
    kept = list(spared)
    names = " ".join(str(p) if isinstance(p, int) else f"{p[0]}:{p[1]}" for p in kept)
    parents = {p if isinstance(p, int) else p[0] for p in kept} - {1}
    family = " ".join(map(str, parents))
    return f"""spared=' {names} ' family=' {family} ' doomed='' quiet=0 passes=0
while [ $((quiet += 1)) -lt 3 ] && [ $((passes += 1)) -lt 100 ]; do
  {_EACH}
    case $1 in Z|X) continue;; esac
    [ "$pid" = "$BASHPID" ] && continue
    case "$spared$doomed" in *" $pid "*|*" $pid:${{20}} "*) continue;; esac
    case "$family" in *" $2 "*) spared="$spared$pid:${{20}} " family="$family$pid "; continue;; esac
    builtin kill -STOP "$pid" 2>/dev/null; doomed="$doomed $pid " quiet=0
    builtin echo "${{name//[^ -~]/?}}"
  done
done
[ -z "$doomed" ] || builtin kill -KILL $doomed 2>/dev/null; true"""
