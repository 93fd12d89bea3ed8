"""How old files are: as old as the task's story has them, in the order in which they were made.

What a trial puts into a sandbox is seconds old, and a story that happened weeks ago is not.  Only
times of last change are set (the others cannot be set); equal ones stay equal and the
order stays what it was, so that make, `ls -t` and git see what they saw.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from harness.containers.ports import Probes
from harness.containers.probes import mounted
from harness.containers.shell import Result
from harness.shelltext.quoting import quote, text_of

DAY = 86_400
WORKDAY = (8 * 3600, 18 * 3600)
"""Seconds of a day, in UTC, between which people change files."""
DAYS = 9
"""Over so many days are the times of one look spread."""
MONTH = timedelta(days=30)

ROOTS = (
    "/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/usr/local", "/var/backups", "/var/cache",
    "/var/lib", "/var/log", "/var/mail", "/var/spool", "/var/www", "/work",
)  # fmt: skip
"""Where tasks and faults put files, beside the task's folder."""

_SET = r"""perl -MTime::HiRes=utime -e 'while (<STDIN>) {
  chomp; my ($t, $p) = split / /, $_, 2;
  -l $p ? system "touch", "-h", "-d", "\@$t", $p : utime $t, $t, $p
}' <<'END'
"""


class Ages:
    """Gives ages to what changed in one sandbox; `since` None: since a month ago."""

    def __init__(self, probes: Probes, workdir: str, since: date | None, seed: int) -> None:
        self._probes = probes
        self._roots = [*ROOTS, workdir]
        self._day = since
        self._random = random.Random(seed)
        self._began = _moment(probes.ask("echo $EPOCHREALTIME", apart=False))
        self._repositories: set[str] = set()

    def settle(self) -> None:
        """Make all that is new or changed as old as the story; later each time than before.

        Without perl in the sandbox, or with a clock that cannot be read, nothing happens.
        """
        if self._began is None:
            return
        times = _found(self._probes.ask(self._look(self._began)))
        if not times:
            return
        if self._day is None or self._end(self._day) > float(self._began):
            self._day = (datetime.fromtimestamp(float(self._began), UTC) - MONTH).date()
        given = spread(times.values(), self._day, self._random)
        self._day = datetime.fromtimestamp(max(given.values()), UTC).date() + timedelta(days=1)
        ages = {path: given[made] for path, made in times.items()}
        self._repositories |= {path[:-6] for path in ages if path.endswith("/.git/index")}
        self._probes.ask("".join(self._script(ages)))

    def _look(self, began: Decimal) -> str:
        """Return a script that lists what has come since, unless it is older by its own will."""
        skipped = "-path /var/lib/dpkg/info -prune"  # hundreds of files
        young = f"-newerct @{began - 1} -newermt @{began - DAY} -printf '%T@ %p\\0'"
        return f"find {quote(self._roots)} -xdev {skipped} -o {young} 2>/dev/null"

    def _end(self, day: date) -> float:
        return datetime.combine(day, time(), UTC).timestamp() + 2 * DAYS * DAY

    def _script(self, ages: dict[str, float]) -> Iterator[str]:
        yield _SET
        for path, age in ages.items():
            yield f"{age:.6f} {path}\n"
        yield "END\n"
        for git in sorted(self._repositories):
            tree = git.removesuffix(".git")
            if not any(path.startswith(tree) for path in ages):
                continue
            # git remembers the times of the files: without a refresh they all look changed to it.
            index, age = f"{git}/index", ages.get(f"{git}/index", max(ages.values()))
            yield f"owner=$(stat -c %u:%g {quote([index])}) && {{\n"
            yield f"git -c safe.directory='*' -C {quote([tree])} update-index -q --refresh\n"
            yield f"chown $owner {quote([index])}; touch -d @{age:.6f} {quote([index, git])}\n"
            yield "} >/dev/null 2>&1\n"


def spread(times: Collection[Decimal], since: date, rng: random.Random) -> dict[Decimal, float]:
    """Return for each time another one, in the same order, within workdays' hours from `since` on.

    >>> given = spread([Decimal(7), Decimal(5), Decimal(7)], date(2024, 3, 1), random.Random(1))
    >>> [datetime.fromtimestamp(given[made], UTC).isoformat(" ", "minutes") for made in (5, 7)]
    ['2024-03-02 17:34+00:00', '2024-03-09 10:53+00:00']
    """
    ordered = sorted(set(times))
    opens, closes = WORKDAY
    length = closes - opens
    days = DAYS + len(ordered) // length
    midnight = datetime.combine(since, time(), UTC).timestamp()
    moments = sorted(rng.sample(range(days * length), len(ordered)))
    return {
        made: midnight + moment // length * DAY + opens + moment % length + rng.random()
        for made, moment in zip(ordered, moments, strict=True)
    }


def _found(said: Result) -> dict[str, Decimal]:
    """Return when each path was last changed."""
    out = text_of(said.whole[0] if said.whole is not None else said.stdout)
    rows = [row.partition(" ") for row in out.split("\0") if "\n" not in row]
    return {path: Decimal(made) for made, _, path in rows if path and not _engine_s(path)}


def _engine_s(path: str) -> bool:
    return path != "/etc" and mounted(path)


def _moment(said: Result) -> Decimal | None:
    try:
        return Decimal(text_of(said.stdout).strip())
    except InvalidOperation:
        return None
