"""Difficulty baselines: generic policies that know the work, and nothing of the fault.

The lowest that masters a fault says how hard it is: wait and try again (`naive`), do what the error
message says (`follower`), begin anew (`restarter`), or understand (none of them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.agents.session import Session
from harness.agents.step_output import StepOutput
from harness.models.trial import TrialSpec

DONE = "Everything asked for is in place.\n\nSTATUS: done"
STUCK = "This step does not go through."

ADVICE_AT_MOST = 3
"""How many pieces of advice are followed at one failure."""

LINES_BELOW = 3
"""How far below the line that leads to it a command may stand."""

TURNS = 2
"""How often the work is begun anew."""


def follower(spec: TrialSpec, session: Session) -> None:
    """Run the commands that a failing step's own output advises, and try it again."""
    for command in spec.task.solution:
        seen = session.do(command)
        if seen.exit_code == 0:
            continue
        for advice in list(find_advice(seen.text))[:ADVICE_AT_MOST]:
            session.do(advice)
        if session.do(command).exit_code != 0:
            session.say(STUCK)
            return
    session.say(DONE)


def restarter(spec: TrialSpec, session: Session) -> None:
    """Begin the whole work anew when a step fails."""
    for _ in range(1 + TURNS):
        if all(_went_well(session.do(command)) for command in spec.task.solution):
            session.say(DONE)
            return
    session.say(STUCK)


def _went_well(seen: StepOutput) -> bool:
    return seen.exit_code == 0


_QUOTED = re.compile(r"[`'\"]((?:sudo )?[a-z][a-z0-9_.-]+ [^`'\"\n]{2,120})[`'\"]")
_ALONE = re.compile(r"^\s+(?:\$ )?((?:sudo )?[a-z][a-z0-9_.-]+ (?:-|[a-z])[^\n]{1,120})$")
_LEADS = re.compile(r"(?i)\b(run|try|use|call|with|perhaps|maybe|fix|command|hint|please|means)\b")


def find_advice(text: str) -> Iterator[str]:
    r"""Yield the commands that an output advises: quoted, or indented alone below such a line.

    >>> list(find_advice("you must manually run 'dpkg --configure -a' to correct the problem"))
    ['dpkg --configure -a']
    >>> list(find_advice("To add an exception, call:\n\n\tgit config --add safe.directory /a\n"))
    ['git config --add safe.directory /a']
    """
    led = 0
    seen: set[str] = set()
    for line in text.splitlines():
        leads = _LEADS.search(line) is not None
        found = _QUOTED.findall(line) if leads else _ALONE.findall(line) if led > 0 else []
        led = LINES_BELOW if leads else led - 1
        for command in found:
            if command not in seen:
                seen.add(command)
                yield command.removeprefix("sudo ")
