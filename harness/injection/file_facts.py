"""What a trigger asks of a container's files: is one there, is one new and whole."""

from __future__ import annotations

from harness.containers.ports import Probes
from harness.shelltext.quoting import quote, text_of

Stamps = frozenset[str]
"""Path, inode, size and both times of each file, a line each."""


def matching_exists(probes: Probes, glob: str) -> bool:
    """Say whether a path exists that the glob matches."""
    if not any(sign in glob for sign in "*?["):
        return probes.exists(glob)
    return probes.ask(f"compgen -G {quote([glob])} > /dev/null", seconds=5).exit_code == 0


def stamps(probes: Probes, glob: str) -> Stamps:
    """Return how the files that a glob matches stand now."""
    script = (
        f"compgen -G {quote([glob])} | while IFS= read -r file; do"
        ' [ -f "$file" ] && stat -c \'%i %s %.Y %.Z %n\' "$file"; done'
    )
    return frozenset(text_of(probes.ask(script, seconds=5).stdout).splitlines())


def are_whole(probes: Probes, paths: list[str]) -> bool:
    """Say whether one of the files is open for writing nowhere (the last digit of its flags)."""
    script = (
        f"for file in {quote(paths)}; do busy=; for fd in /proc/[0-9]*/fd/*; do"
        ' [ "$fd" -ef "$file" ] || continue; while read -r key flags; do'
        ' [[ $key != flags: || $flags != *[12] ]] || busy=1; done < "${fd/\\/fd\\//\\/fdinfo\\/}";'
        ' done; [ "$busy" ] || exit 0; done; exit 1'
    )
    return probes.ask(script, seconds=10).exit_code == 0


def path_of(stamp: str) -> str:
    """Return the path of a stamp."""
    return stamp.split(" ", 4)[4]
