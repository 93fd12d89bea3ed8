"""When is a fault injected, and when has it had its time?  Pure questions about the history."""

from __future__ import annotations

from collections.abc import Container, Sequence

from harness.history.events import Confirmed, Effect, Event, HandedOver
from harness.history.steps import Step
from harness.models.trigger import Schedule, Trigger
from harness.patterns import matches
from harness.shelltext.commands import commands, program
from harness.shelltext.programs import BUILTINS
from harness.shelltext.wrappers import peel, script


def due(  # noqa: PLR0911 - one return a kind
    trigger: Trigger,
    steps: Sequence[Step],
    pending: str | None,
    elapsed: float,
    files: Container[str] = frozenset(),
) -> bool:
    """Say whether the trigger holds now.

    `pending` is the command that is held back: its action is already among the steps, and it has
    not begun; None while nothing waits.  `elapsed` is in seconds since hand-over, the clock of the
    events' `t`.  `files` holds those watched paths that exist.  The plan has drawn
    from every range, so a trigger's value is one number here.  For a fault that comes again,
    hand in only the steps since it was gone.
    """
    match trigger.kind:
        case "start":
            return True
        case "step":
            return pending is not None and len(steps) >= int(trigger.value)
        case "before":
            return pending is not None and _names(trigger, pending)
        case "after":
            return any(step.observation and _names(trigger, step.command) for step in steps)
        case "seconds":
            return elapsed >= float(trigger.value)
        case "file":
            return trigger.value in files
        case "during":
            return pending is None and any(
                _names(trigger, step.command) and elapsed - step.action.t >= trigger.delay
                for step in steps
                if step.observation is None
            )


def waits(pattern: str, command: str) -> bool:
    """Say whether a `before` trigger waits for an execution in the middle of a command text.

    With the exec filter a fault is injected right before the program that the pattern names, in
    `a && b` as in a script.  What executes no program, or comes first anyway, cannot wait.
    """
    simple = commands(command)
    named = [i for i, each in enumerate(simple) if matches(pattern, each)]
    return bool(named) and named[0] > 0 and program(simple[named[0]]) not in BUILTINS


def hands_on(pattern: str, argv: Sequence[str]) -> bool:
    """Say whether an execution only hands on the words that a `before` trigger names.

    `bash -c 'a && b'` is not b: b is an execution by itself, later.  A builtin is none, so that
    the shell's own execution is the last moment before it.
    """
    text = script(peel([argv[0].rsplit("/", 1)[-1], *argv[1:]]), None) if argv else None
    if text is None:
        return False
    named = [each for each in commands(text) if matches(pattern, each)]
    return not named or program(named[0]) not in BUILTINS


def spent(schedule: Schedule, events: Sequence[Event], elapsed: float) -> bool:
    """Say whether it is time for the harness to revert a fault that was confirmed.

    Counted from the last confirmation: the effects on the agent for `times` (the `count` of an
    `effect` says how many there have been since the injection), the seconds for `seconds`.
    `until-healed` and `permanent` are never spent, nor is a fault that was not confirmed.
    """
    places = [i for i, e in enumerate(events) if isinstance(e, Confirmed) and e.confirmed]
    if schedule.value is None or not places:
        return False
    since = events[places[-1] :]
    if schedule.kind == "seconds":
        handed_over = (e.before for e in since if isinstance(e, HandedOver))
        return elapsed - since[0].t + (next(handed_over, None) or 0.0) >= schedule.value
    return max((e.count for e in since if isinstance(e, Effect)), default=0) >= schedule.value


def _names(trigger: Trigger, command: str) -> bool:
    return matches(trigger.value, command)
