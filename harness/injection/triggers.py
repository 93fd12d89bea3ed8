"""When is a fault injected, and when has it had its time?  Pure questions about what happened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from harness.history.events import Confirmed, Effect, Event, HandedOver
from harness.history.steps import Step, worked
from harness.models.trigger import PROGRAMS, Schedule, Trigger
from harness.patterns import escape
from harness.shelltext.commands import executions
from harness.shelltext.programs import shows

_INTERPRETERS = re.compile(r"(ba|da|k|z|a)?sh|python[0-9.]*|perl|ruby|node|php")


def due(trigger: Trigger, steps: Sequence[Step], pending: str | None, elapsed: float) -> bool:
    """Say whether a trigger holds that steps and time alone can tell.

    `pending` is the command that is held back: its action is already among the steps, and it has
    not begun; None while nothing waits.  `elapsed` is in seconds since hand-over, the clock of the
    events' `t`; a trigger's own seconds are those in which the sandbox works for the agent, whose
    thinking costs nothing.  The plan has drawn from every range, so a trigger's value is one number
    here.  For a fault that comes again, hand in only the steps since it was gone.
    """
    match trigger.kind:
        case "start":
            return True
        case "step":
            return _step_is_due(trigger, steps, pending, elapsed)
        case "seconds":
            return worked(steps, elapsed) >= float(trigger.value)
    return False


def _step_is_due(
    trigger: Trigger, steps: Sequence[Step], pending: str | None, elapsed: float
) -> bool:
    number = int(trigger.value)
    if not trigger.delay:
        return pending is not None and len(steps) >= number
    if len(steps) != number:
        return len(steps) > number  # its command ended too soon
    return pending is None and elapsed - steps[-1].action.t >= trigger.delay


def due_by_text(
    trigger: Trigger, steps: Sequence[Step], pending: str | None, elapsed: float
) -> bool:
    """Say whether a trigger that waits for a program holds, where only commands are seen."""
    match trigger.kind:
        case "exec":
            return pending is not None and runs(trigger, pending)
        case "after":
            return any(step.observation and runs(trigger, step.command) for step in steps)
        case "during":
            return pending is None and any(
                elapsed - step.action.t >= trigger.delay and runs(trigger, step.command)
                for step in steps
                if step.observation is None
            )
    return False


def runs(trigger: Trigger, command: str) -> bool:
    """Say whether a shell text runs the program that a trigger waits for."""
    return any(is_meant(trigger, argv) for argv in executions(command))


def is_meant(trigger: Trigger, argv: Sequence[str]) -> bool:
    """Say whether an execution is the one that a trigger waits for.

    `*` is any program that does more than show a file.
    """
    return trigger.kind in PROGRAMS and any(
        any(fnmatchcase(name, glob) and not (glob == "*" and shows(name)) for glob in trigger.value)
        and all(any(_fits(glob, words) for glob in globs) for globs in trigger.args)
        for name, words in _programs(argv)
    )


def _programs(argv: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield (name, arguments) of a program, and of the script or module that it interprets."""
    if not argv:
        return
    name = argv[0].rsplit("/", 1)[-1].lstrip("-")
    yield name, argv[1:]
    if _INTERPRETERS.fullmatch(name) is None:
        return
    for at, word in enumerate(argv[1:], start=2):
        if word == "-m" and at < len(argv):
            yield argv[at], argv[at + 1 :]
            return
        if word.startswith("-c") or word == "-e":
            return
        if not word.startswith("-"):
            yield word.rsplit("/", 1)[-1], argv[at:]
            return


def _fits(glob: str, words: Sequence[str]) -> bool:
    """Say whether one of the words, its last path component or its value after `=` is meant."""
    return any(
        fnmatchcase(form, glob)
        for word in words
        for form in (word, word.rsplit("/", 1)[-1], word.partition("=")[2] or word)
    )


def coarse_pattern(trigger: Trigger) -> str:
    """Return what the exec filter shall hold: no less than what is meant, and little more."""
    if trigger.kind == "connect":
        return f":{trigger.value.rpartition(':')[2]}$"
    names = [trigger.value] if isinstance(trigger.value, str) else trigger.value
    any_of = "|".join(_as_regex(name) for name in names)
    return f"^({any_of})$" if trigger.kind == "opened" else f"(^|[ /])({any_of})( |$)"


def _as_regex(glob: str) -> str:
    return ".*".join(escape(part).replace(r"\?", ".") for part in glob.split("*"))


def spent(
    schedule: Schedule, events: Sequence[Event], steps: Sequence[Step], elapsed: float
) -> bool:
    """Say whether it is time for the harness to revert a fault that was confirmed.

    Counted from the last confirmation: the effects on the agent for `times` (the `count` of an
    `effect` says how many there have been since the injection), for `seconds` those in which the
    sandbox worked for the agent.
    `until-healed` and `permanent` are never spent, nor is a fault that was not confirmed.
    """
    places = [i for i, e in enumerate(events) if isinstance(e, Confirmed) and e.confirmed]
    if schedule.value is None or not places:
        return False
    since = events[places[-1] :]
    if schedule.kind == "seconds":
        early = any(isinstance(event, HandedOver) for event in since)
        return worked(steps, elapsed, 0.0 if early else since[0].t) >= schedule.value
    return max((e.count for e in since if isinstance(e, Effect)), default=0) >= schedule.value
