"""One trial as a story: the agent's steps and the fault's life, interleaved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from harness.analysis.detection import Detection, detection
from harness.analysis.life import Life, life
from harness.history.reading import Log, names, number, text, truth
from harness.views.terminal.sanitize import line, plain
from harness.views.terminal.show_json import Entry, TrialShown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.history.history import Event
    from harness.history.store import TrialFolder
    from harness.models.nouns import TrialSpec, Verdict

Mark = Literal["exposed", "noticed"]


def story(folder: TrialFolder) -> TrialShown:
    """Read a trial, finished or not, and tell it."""
    spec, verdict = folder.read_spec(), folder.read_verdict()
    log = Log(folder.read_events())
    return told(spec, log, verdict)


def told(spec: TrialSpec, log: Log, verdict: Verdict | None) -> TrialShown:
    """Tell a history event by event."""
    found = Life() if spec.fault.control else life(spec.fault, log)
    entries, in_force = [], False
    hidden = _hidden(spec, log)
    for place, event in enumerate(log.events):
        in_force = _in_force(event, before=in_force)
        if (event.get("who"), event.get("what")) not in hidden:
            entries.append(_entry(event, in_force=in_force, marks=_marks(place, found)))
    return TrialShown(
        trial=spec.trial,
        task=spec.task.title,
        fault=spec.fault.title,
        verdict=verdict,
        detection=_printable(detection(spec, log)),
        entries=tuple(entries),
    )


def _printable(found: Detection | None) -> Detection | None:
    if found is None or found.signal.line is None:
        return found
    signal = found.signal.model_copy(update={"line": line(found.signal.line)})
    return found.model_copy(update={"signal": signal})


def _hidden(spec: TrialSpec, log: Log) -> set[tuple[str, str]]:
    """Return what is not worth a word: looks at a fault that was never there."""
    never_struck = log.first("nemesis", "struck") is None
    hidden = {("checker", "present")} if never_struck else set()
    return hidden | {("nemesis", "scheduled")} if spec.fault.control else hidden


def _marks(place: int, found: Life) -> tuple[Mark, ...]:
    exposed: tuple[Mark, ...] = ("exposed",) if place == found.exposed else ()
    return (*exposed, "noticed") if place == found.noticed else exposed


def _in_force(event: Event, *, before: bool) -> bool:
    match event.get("who"), event.get("what"):
        case "nemesis", "took":
            return truth(event, "took") is True
        case "nemesis", "healed":
            return False
        case ("nemesis", "probed") | ("checker", "present"):
            return before and truth(event, "present") is not False
    return before


def _entry(event: Event, *, in_force: bool, marks: tuple[Mark, ...]) -> Entry:
    said, detail = _words(event)
    step = number(event, "step")
    return Entry(
        t=number(event, "t"),
        who=line(text(event, "who")),
        what=line(text(event, "what")),
        step=None if step is None else int(step),
        text=plain(said),
        detail=plain(detail),
        in_force=in_force,
        marks=marks,
    )


def _words(event: Event) -> tuple[str, str]:
    """Return what happened, and what belongs to it."""
    match event.get("who"):
        case "agent":
            return _agent(event)
        case "nemesis":
            return _nemesis(event), ""
        case "checker":
            return _checker(event)
        case "harness":
            return _harness(event), ""
    return text(event, "what"), ""


def _agent(event: Event) -> tuple[str, str]:
    match event.get("what"):
        case "acts":
            return text(event, "command"), text(event, "message")
        case "sees":
            return _ended(event), _output(event)
        case "says":
            return ("says, finally" if truth(event, "final") else "says"), text(event, "text")
        case "execs":
            return f"executes {' '.join(names(event, 'argv') or ())}", ""
        case "stopped":
            why = text(event, "why")
            return f"stops: {text(event, 'how')}" + (f" ({why})" if why else ""), ""
    return text(event, "what"), ""


def _ended(event: Event) -> str:
    code, seconds = number(event, "exit_code"), number(event, "seconds")
    parts = [
        "exit code unknown" if code is None else f"exit {code:.0f}",
        *([f"{seconds:.2f} s"] if seconds is not None else []),
        *(["time limit"] if truth(event, "timed_out") else []),
        *(["the shell ended"] if truth(event, "died") else []),
        *(["output shortened"] if truth(event, "cut") else []),
        *([_changed(names(event, "paths") or ())] if truth(event, "changed") else []),
    ]
    return ", ".join(parts)


def _changed(paths: Sequence[str]) -> str:
    """Name what a step changed: the first, and how many more."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"changed {paths[0]}{more}" if paths else "state changed"


def _output(event: Event) -> str:
    streams = (text(event, "stdout"), text(event, "stderr"))
    return "\n".join(s.removesuffix("\n") for s in streams if s)


def _nemesis(event: Event) -> str:  # noqa: PLR0911 - one return a kind
    match event.get("what"):
        case "scheduled":
            return f"waits: {_trigger(event.get('when'))}; {_schedule(event.get('schedule'))}"
        case "struck":
            return f"strikes{_facts(event.get('facts'))}"
        case "took":
            return "took" if truth(event, "took") else "did NOT take"
        case "probed":
            return _there(event)
        case "healed":
            return f"ended by the harness ({text(event, 'why') or 'its time is over'})"
        case "effect":
            return f"effect {number(event, 'count') or 0:.0f} on the agent"
    return text(event, "what")


def _there(event: Event) -> str:
    known = {True: "still there", False: "gone", None: "nobody can say whether it is there"}
    need = {True: "", False: "; what the task needs does not work", None: ""}
    return known[truth(event, "present")] + need[truth(event, "need")]


def _trigger(when: object) -> str:
    if not isinstance(when, dict):
        return "?"
    value, delay = when.get("value"), when.get("delay")
    later = f" + {delay:g} s" if isinstance(delay, float) and delay else ""
    return " ".join(str(each) for each in (when.get("kind"), value) if each is not None) + later


def _schedule(schedule: object) -> str:
    return _trigger(schedule) if isinstance(schedule, dict) else str(schedule or "?")


def _facts(facts: object) -> str:
    pairs = facts.items() if isinstance(facts, dict) else ()
    told = ", ".join(f"{key}={value}" for key, value in pairs)
    return f": {told}" if told else ""


def _checker(event: Event) -> tuple[str, str]:
    match event.get("what"):
        case "killed":
            return _killed(event), ""
        case "present":
            return f"the fault: {_there(event)}", ""
        case "unharmed":
            changed = names(event, "changed")
            return ("HARMED: " + ", ".join(changed)) if changed else "unharmed", ""
        case "solved":
            solved = {True: "solved", False: "NOT solved", None: "nobody can say whether solved"}
            return solved[truth(event, "solved")], text(event, "output")
    return text(event, "what"), ""


def _killed(event: Event) -> str:
    killed, survivors = names(event, "killed") or [], names(event, "survivors") or []
    over = f"; OUTLIVED by {', '.join(survivors)}" if survivors else ""
    return (f"ends {', '.join(killed)}" if killed else "nothing of the agent's runs on") + over


def _harness(event: Event) -> str:
    match event.get("what"):
        case "begun":
            return f"the sandbox is up: {text(event, 'image')}"
        case "handed_over":
            return "hand-over: the agent's clock starts"
        case "failed":
            return f"FAILED: {text(event, 'error')}: {text(event, 'message')}"
        case "ended":
            return "the trial is over"
    return text(event, "what")
