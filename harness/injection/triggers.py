"""When does a fault strike, and when has it had its time?  Pure questions about the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.history.history import of
from harness.history.reading import on_one_clock
from harness.patterns import matches
from harness.shelltext.argv import commands
from harness.shelltext.wrappers import peeled, script

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from harness.history.history import Event
    from harness.models.nouns import Schedule, Trigger


def due(  # noqa: PLR0911 - one return a kind
    trigger: Trigger,
    events: Sequence[Event],
    pending: str | None,
    elapsed: float,
    files: Container[str] = frozenset(),
) -> bool:
    """Say whether the trigger holds now.

    `pending` is the command that waits at the gate: its `acts` is already among the events, and
    it has not begun; None while nothing waits.  `elapsed` is in seconds since hand-over, the
    clock of the events' `t`.  `files` holds those watched paths that exist.  The plan has drawn
    from every range, so a trigger's value is one number here.  For a fault that comes again,
    hand in only the events since it was gone: steps and commands are counted among those.
    """
    match trigger.kind:
        case "start":
            return True
        case "step":
            return pending is not None and _commands(events) >= int(trigger.value)
        case "before":
            return pending is not None and _names(trigger, pending)
        case "after":
            return any(_names(trigger, acts["command"]) for acts in _finished(events))
        case "seconds":
            return elapsed >= float(trigger.value)
        case "file":
            return trigger.value in files
        case "during":
            return pending is None and any(
                _names(trigger, acts["command"]) and elapsed - acts["t"] >= trigger.delay
                for acts in _running(events)
            )


def waits(pattern: str, command: str) -> bool:
    """Say whether a `before` trigger waits for an execution in the middle of a command text.

    With the command gate a fault strikes right before the program that the pattern names, in
    `a && b` as in a script.  What executes no program, or comes first anyway, cannot wait.
    """
    simple = commands(command)
    named = [i for i, each in enumerate(simple) if matches(pattern, each)]
    return bool(named) and named[0] > 0 and simple[named[0]].split(" ", 1)[0] not in BUILTINS


def hands_on(pattern: str, argv: Sequence[str]) -> bool:
    """Say whether an execution only hands on the words that a `before` trigger names.

    `bash -c 'a && b'` is not b: b is an execution by itself, later.  A builtin is none, so that
    the shell's own execution is the last moment before it.
    """
    text = script(peeled([argv[0].rsplit("/", 1)[-1], *argv[1:]]), None) if argv else None
    if text is None:
        return False
    named = [each for each in commands(text) if matches(pattern, each)]
    return not named or named[0].split(" ", 1)[0] not in BUILTINS


_BUILTINS = (
    ": . [ alias bg bind break builtin caller cd command compgen complete continue declare "
    "dirs disown echo enable eval exec exit export false fc fg getopts hash help history jobs "
    "kill let local logout mapfile popd printf pushd pwd read readarray readonly return set "
    "shift shopt source suspend test times trap true type typeset ulimit umask unalias unset "
    "wait "
)
BUILTINS = frozenset(_BUILTINS.split())
"""Commands that bash runs itself: no gate sees them."""


def spent(schedule: Schedule, events: Sequence[Event], elapsed: float) -> bool:
    """Say whether it is time for the harness to heal a fault that took.

    Counted from the last `took`: the effects on the agent for `times` (the `count` of an `effect`
    says how many there have been since the strike), the seconds for `seconds`.  `until-healed`
    and `permanent` are never spent, nor is a fault that has not taken.
    """
    took = [i for i, e in enumerate(events) if e["what"] == "took" and e["took"]]
    if schedule.value is None or not took:
        return False
    since = events[took[-1] :]
    if schedule.kind == "seconds":
        return elapsed - float(on_one_clock(since)[0]["t"]) >= schedule.value
    effects = (float(e["count"]) for e in of(since, "nemesis", "effect"))
    return max(effects, default=0.0) >= schedule.value


def _names(trigger: Trigger, command: str) -> bool:
    return matches(trigger.value, command)


def _commands(events: Sequence[Event]) -> int:
    return sum(1 for _ in of(events, "agent", "acts"))


def _finished(events: Sequence[Event]) -> Iterator[Event]:
    seen = {e["step"] for e in of(events, "agent", "sees")}
    return (e for e in of(events, "agent", "acts") if e["step"] in seen)


def _running(events: Sequence[Event]) -> Iterator[Event]:
    seen = {e["step"] for e in of(events, "agent", "sees")}
    return (e for e in of(events, "agent", "acts") if e["step"] not in seen)
