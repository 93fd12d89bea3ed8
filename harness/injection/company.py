"""The other people of a sandbox: accounts and homes, what they do meanwhile, and its traces.

Two colleagues have been logged in since before the agent came.  In every trial, with a fault or
without, they come and go, run something as root, edit a note and rotate a log, at steps that the
seed draws.  A change in mid-run that somebody makes is made by one of them, and leaves the same
kind of trace, so that neither a trace nor its lack tells whether a fault was planned.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from harness.containers.archive import Member, join, member
from harness.containers.ports import Probes
from harness.history.events import Disturbed
from harness.history.writer import History
from harness.injection import traces
from harness.injection.traces import PEOPLE, Person
from harness.models.fault import By, Fault
from harness.shelltext.quoting import quote, text_of

FIRST, LAST, DISTURBANCES = 2, 16, 4
"""So many disturbances come before steps between these two."""

PLACES = ("/home/ops", "/home/deploy", "/var/log/auth.log", "/var/log/syslog", "/var/log/wtmp",
          "/var/log/copies")  # fmt: skip
"""All that is changed here; no task watches, protects or hands in any of it."""

TRACED = frozenset(("script", "replace_files"))
"""Mechanisms that do in a sandbox what only somebody with root's rights can do."""


class Company:
    """The other people of one trial.  `seed` draws what they do, and when."""

    def __init__(self, probes: Probes, history: History, seed: int) -> None:
        self._probes = probes
        self._history = history
        self._random = random.Random(f"company {seed}")
        steps = sorted(self._random.sample(range(FIRST, LAST), DISTURBANCES))
        acts = self._random.sample(sorted(_ACTS), DISTURBANCES)
        self._due = list(zip(steps, acts, strict=True))
        self._away = False
        """The second of them has logged out."""

    def open_accounts(self) -> None:
        """Make the accounts, before anything else is put into the sandbox."""
        self._probes.put(join([[traces.home(person) for person in PEOPLE]]))
        self._probes.ask("".join(map(traces.account, PEOPLE)))

    def settle_in(self) -> None:
        """Give them a past: homes, histories, and logs that end a while ago."""
        said = text_of(self._probes.ask("echo $EPOCHSECONDS $HOSTNAME", apart=False).stdout)
        now, _, host = said.strip().partition(" ")
        if now.isdecimal():
            self._probes.put(join([list(_past(int(now), host, self._random))]))

    def before_step(self, step: int) -> None:
        """Do what is due before a step of the agent's."""
        while self._due and self._due[0][0] <= step:
            act = self._due.pop(0)[1]
            person = PEOPLE[1] if act == "login" else self._random.choice(PEOPLE)
            self._probes.ask(traces.LOG + _ACTS[act](person, self))
            self._history.add(Disturbed(step=step, by=person.name, did=act))

    def leave_trace(self, fault: Fault) -> str:
        """Leave the trace of a fault that comes in mid-run; return whose it is, "" for none."""
        by = doer(fault)
        if by is None or fault.when.kind == "start":
            return ""
        self._probes.ask(traces.LOG + traces.of(by))
        return f"{by.user}: {by.did}".removesuffix(": ")

    def come_or_go(self) -> bool:
        """Let the second come back or go; say whether he goes."""
        self._away = not self._away
        return self._away

    def minutes(self) -> int:
        """Draw a duration."""
        return self._random.randrange(3, 50)


def doer(fault: Fault) -> By | None:
    """Return who makes the fault's change; None for what is not somebody's doing."""
    if fault.by is not None:
        return fault.by
    seen = fault.mechanism in TRACED and fault.where == "sandbox" and not fault.control
    return By(user="ops") if seen else None


def _login(person: Person, company: Company) -> str:
    return traces.logout(person) if company.come_or_go() else traces.login(person)


def _note(person: Person, company: Company) -> str:
    line = f"- {company.minutes()} min: {person.chore}"
    return f"echo {quote([line])} >> {person.home}/notes.txt\n" + traces.typed(
        person, "nano notes.txt"
    )


def _look(person: Person, _: Company) -> str:
    return traces.sudo(person, "less /var/log/syslog")


def _rotate(person: Person, company: Company) -> str:
    return traces.sudo(person, "savelog -n /var/log/copies/copies.log") + (
        "cd /var/log/copies && mv -f copies.log copies.log.0 && : > copies.log\n"
        f"{traces.line('syslog', f'copies[{400 + company.minutes()}]: log rotated')}"
    )


_ACTS: dict[str, Callable[[Person, Company], str]] = {
    "login": _login, "note": _note, "look": _look, "rotate": _rotate,
}  # fmt: skip
"""What they do: each returns a script of builtins, in which `LOG`'s functions are known."""


def _past(now: int, host: str, rng: random.Random) -> Iterator[Member]:
    """Yield members: what the last days have left, the newest some minutes old."""
    came = {person: now - 60 * rng.randrange(12, 80) for person in PEOPLE}
    auth = sorted(row for person, at in came.items() for row in traces.past_login(person, at, host))
    hours = [now - now % 3600 + 17 * 60 - 3600 * n for n in range(12, 0, -1)]
    cron = [traces.past_cron(at, host, rng.randrange(300, 9000)) for at in hours]
    copied = [f"copied {rng.randrange(90, 400)} files\n" for _ in range(9)]
    for path, text, mode, group in (
        ("/var/log/auth.log", "".join(auth), 0o640, 4),
        ("/var/log/syslog", "".join(cron), 0o640, 4),
        ("/var/log/copies/copies.log", "".join(copied), 0o644, 0),
    ):
        yield member(path, text.encode(), mode=mode, gid=group, mtime=max(came.values()))
    yield member("/var/log/wtmp", b"".join(map(traces.record, came, came.values())), mode=0o664,
                 gid=43, mtime=max(came.values()))  # fmt: skip
    for person, at in came.items():
        for name, text, mode in (
            (".bash_history", person.history, 0o600),
            ("notes.txt", person.notes, 0o644),
        ):
            yield member(f"{person.home}/{name}", text.encode(), mode=mode, uid=person.uid,
                         gid=person.uid, mtime=at + 300)  # fmt: skip
