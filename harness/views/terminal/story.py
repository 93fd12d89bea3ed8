"""One trial as a story: the agent's steps and the fault's life, interleaved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from harness.analysis.assessment import Assessment
from harness.analysis.detection import Detection
from harness.history.events import (
    Action,
    Begun,
    Confirmed,
    Disturbed,
    Effect,
    Ended,
    Event,
    Exec,
    Failed,
    HandedOver,
    Injected,
    Killed,
    Message,
    Observation,
    Present,
    Probed,
    Reverted,
    Scheduled,
    Solved,
    Stopped,
    Unharmed,
)
from harness.history.store import TrialFolder
from harness.history.timeline import step_named
from harness.models.verdict import Verdict
from harness.views.terminal.sanitize import line, plain
from harness.views.terminal.show_json import Entry, TrialShown

Mark = Literal["exposed", "noticed"]


def story(folder: TrialFolder) -> TrialShown:
    """Read a trial, finished or not, and tell it."""
    trial = Assessment(folder.read_spec(), folder.read_events())
    return tell(trial, folder.read_verdict())


def tell(trial: Assessment, verdict: Verdict | None) -> TrialShown:
    """Tell a history event by event."""
    spec = trial.spec
    return TrialShown(
        trial=spec.trial,
        task=spec.task.title,
        fault=spec.fault.title,
        verdict=verdict,
        detection=_printable(trial.detection),
        entries=entries(trial),
    )


def entries(trial: Assessment) -> tuple[Entry, ...]:
    """Return what is worth a line of a history, in order."""
    hidden = _hidden_kinds(trial)
    return tuple(
        _entry(trial, event) for event in trial.timeline.events if not isinstance(event, hidden)
    )


def _printable(found: Detection | None) -> Detection | None:
    if found is None or found.signal.line is None:
        return found
    signal = found.signal.model_copy(update={"line": line(found.signal.line)})
    return found.model_copy(update={"signal": signal})


def _hidden_kinds(trial: Assessment) -> tuple[type[Event], ...]:
    """Return what is not worth a word: looks at a fault that was never there."""
    never = () if trial.timeline.injections else (Present,)
    return (*never, Scheduled) if trial.spec.fault.control else never


def _entry(trial: Assessment, event: Event) -> Entry:
    said, detail = _words(event)
    step = trial.timeline.step(step_named(event))
    met, understood = trial.encounter.exposed, trial.encounter.noticed
    exposed: tuple[Mark, ...] = ("exposed",) if event is met else ()
    return Entry(
        t=event.t,
        who=event.who,
        what=event.what,
        step=None if step is None else step.number,
        text=plain(said),
        detail=plain(detail),
        in_force=trial.timeline.in_force(event),
        marks=(*exposed, "noticed") if event is understood else exposed,
    )


def _words(event: Event) -> tuple[str, str]:
    """Return what happened, and what belongs to it."""
    match event.who:
        case "agent":
            return _agent(event)
        case "nemesis":
            return _nemesis(event), ""
        case "verifier":
            return _verifier(event)
        case "harness":
            return _harness(event), ""


def _agent(event: Event) -> tuple[str, str]:
    match event:
        case Action():
            return event.command, event.message or ""
        case Observation():
            return _tell_end(event), _output(event)
        case Message():
            return ("says, finally" if event.final else "says"), event.text
        case Exec():
            return f"executes {' '.join(event.argv)}", ""
        case Stopped():
            return f"stops: {event.how}" + (f" ({event.why})" if event.why else ""), ""
    return event.what, ""


def _tell_end(seen: Observation) -> str:
    parts = [
        "exit code unknown" if seen.exit_code is None else f"exit {seen.exit_code}",
        *([f"{seen.seconds:.2f} s"] if seen.seconds is not None else []),
        *(["time limit"] if seen.timed_out else []),
        *(["the shell ended"] if seen.died else []),
        *(["output shortened"] if seen.cut else []),
        *([_tell_change(seen.paths)] if seen.changed else []),
    ]
    return ", ".join(parts)


def _tell_change(paths: Sequence[str]) -> str:
    """Name what a step changed: the first, and how many more."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"changed {paths[0]}{more}" if paths else "state changed"


def _output(seen: Observation) -> str:
    return "\n".join(s.removesuffix("\n") for s in (seen.stdout, seen.stderr) if s)


def _nemesis(event: Event) -> str:  # noqa: PLR0911 - one return a kind
    match event:
        case Scheduled():
            return f"waits: {_trigger(event.when)}; {_trigger(event.schedule)}"
        case Injected():
            return f"injected{_facts(event.facts)}"
        case Confirmed():
            return "confirmed" if event.confirmed else "NOT confirmed"
        case Probed():
            return _presence(event)
        case Reverted():
            return f"reverted by the harness ({event.why or 'its time is over'})"
        case Effect():
            return f"effect {event.count} on the agent"
    return event.what


def _presence(event: Probed | Present) -> str:
    known = {True: "still there", False: "gone", None: "unknown whether it is there"}
    need = {True: "", False: "; what the task needs does not work", None: ""}
    return known[event.present] + need[event.need]


def _trigger(when: object) -> str:
    if not isinstance(when, dict):
        return "?"
    value, delay = when.get("value"), when.get("delay")
    later = f" + {delay:g} s" if isinstance(delay, float) and delay else ""
    return " ".join(str(each) for each in (when.get("kind"), value) if each is not None) + later


def _facts(facts: Mapping[str, object]) -> str:
    shown = ", ".join(f"{key}={value}" for key, value in facts.items())
    return f": {shown}" if shown else ""


def _verifier(event: Event) -> tuple[str, str]:
    match event:
        case Killed():
            return _tell_kill(event), ""
        case Present():
            return f"the fault: {_presence(event)}", ""
        case Unharmed():
            changed = event.changed
            return ("HARMED: " + ", ".join(changed)) if changed else "unharmed", ""
        case Solved():
            return ("solved" if event.solved else "NOT solved"), event.output
    return event.what, ""


def _tell_kill(event: Killed) -> str:
    over = f"; OUTLIVED by {', '.join(event.survivors)}" if event.survivors else ""
    ended = f"ends {', '.join(event.killed)}" if event.killed else "nothing of the agent's runs on"
    return ended + over


def _harness(event: Event) -> str:
    match event:
        case Begun():
            return f"the sandbox is up: {event.image}"
        case HandedOver():
            return "hand-over: the agent's clock starts"
        case Disturbed():
            return f"meanwhile: {event.by}: {event.did}"
        case Failed():
            return f"FAILED: {event.error}: {event.message}"
        case Ended():
            return "the trial is over"
    return event.what
