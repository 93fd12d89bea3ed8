"""One trial as a picture: the fault above, the agent's steps and reactions below, one clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypedDict

from harness.analysis.assessment import Assessment
from harness.analysis.reactions import Reaction
from harness.error_taxonomy.error_report import ErrorReport
from harness.history import steps
from harness.history.events import Observation
from harness.history.timeline import Timeline, step_named
from harness.views.html.attribution import Finding
from harness.views.html.exchanges import ExchangeShown, before, show
from harness.views.terminal.show_json import Entry
from harness.views.terminal.story import entries

EXECUTIONS = 60
"""Programs listed for a step; a build may execute thousands."""


class Step(TypedDict):
    """A step of the agent and what came back.  Texts are as recorded, control characters too."""

    n: int
    start: float | None
    """Seconds since hand-over, as all times here."""
    end: float | None
    """None: it still runs, or its end was not written down."""
    command: str
    message: str
    stdout: str
    stderr: str
    note: str
    code: float | None
    pipestatus: list[int]
    seconds: float | None
    flags: list[str]
    """Of timed_out, died, cut, changed."""
    paths: list[str]
    """Watched files that the step changed, where the history names them."""
    whole: list[str]
    """Artifacts (sha256) with the whole of stdout and stderr, where the record is cut."""
    execs: list[list[str]]
    more_execs: int
    """How many further programs it executed."""
    reaction: Reaction | None
    marks: list[str]
    """Of exposed, noticed, blamed."""
    error: str | None
    """The type of the error that it ran into, injected or not."""
    error_line: str | None
    """What it printed about it."""
    overcome: int | None
    """The step that overcame the error."""
    exchanges: list[ExchangeShown]
    """What passed between the agent and its model before it."""


class Moment(TypedDict):
    """What happened to the fault, what the agent said or showed, at a time."""

    t: float | None
    what: str
    step: int | None
    text: str
    detail: str


class Lane(TypedDict):
    """The picture of one trial."""

    trial: str
    steps: list[Step]
    moments: list[Moment]
    """What the nemesis did (as its events are called); `exposed`, `noticed`, `repaired`."""
    intervals: list[tuple[float, float | None]]
    """From, to: when the fault was known to be in force; to None: to the end."""
    messages: list[Moment]
    """The agent's own words."""
    stopped: Moment | None
    trailing: list[ExchangeShown]
    """What passed between the agent and its model after the last step."""
    checks: list[Moment]
    failed: str
    """Why the trial says nothing about the agent."""
    end: float
    """When the agent stopped, or the last thing known of it."""
    blame: Finding | None
    """What an experiment found out about its first wrong step."""


def lane(
    trial: Assessment,
    errors: ErrorReport | None = None,
    blamed: int | None = None,
) -> Lane:
    """Read the picture off a history, finished or not.

    `errors` are those in it; `blamed` is the first wrong step, where it is known.
    """
    told = entries(trial)
    stopped = next((_moment(e) for e in told if _is(e, "agent", "stopped")), None)
    return Lane(
        trial=trial.spec.trial,
        steps=list(_steps(trial, errors, blamed)),
        moments=_moments(told),
        intervals=[(i.start.t, i.end.t if i.end else None) for i in trial.timeline.intervals],
        messages=[_moment(e) for e in told if _is(e, "agent", "message")],
        stopped=stopped,
        trailing=show(trial.timeline.trailing),
        checks=[_moment(e) for e in told if e.who == "verifier"],
        failed=next((e.text for e in told if _is(e, "harness", "failed")), ""),
        end=_end(trial.timeline),
        blame=None,
    )


def _steps(trial: Assessment, errors: ErrorReport | None, blamed: int | None) -> Iterator[Step]:
    """Yield the steps."""
    for place, step in enumerate(trial.timeline.steps, start=1):
        made = _step(step)
        made["reaction"] = trial.reactions.get(step.number)
        made["marks"] = _marks(trial, step.number, blamed)
        made["exchanges"] = before(step)
        yield _with_error(made, place, errors)


_BLANK = Observation(step=0)


def _step(step: steps.Step) -> Step:
    act, seen = step.action, step.observation or _BLANK
    return Step(
        n=step.number,
        start=act.t,
        end=step.observation.t if step.observation else None,
        command=act.command,
        message=act.message or "",
        stdout=seen.stdout,
        stderr=seen.stderr,
        note=seen.note or "",
        code=seen.exit_code,
        pipestatus=list(seen.pipestatus or ()),
        seconds=seen.seconds,
        flags=_flags(seen),
        paths=list(seen.paths),
        whole=list(seen.artifacts),
        execs=[list(run.argv) for run in step.execs[:EXECUTIONS]],
        more_execs=max(0, len(step.execs) - EXECUTIONS),
        reaction=None,
        marks=[],
        error=None,
        error_line=None,
        overcome=None,
        exchanges=[],
    )


def _flags(seen: Observation) -> list[str]:
    flags = (
        ("timed_out", seen.timed_out), ("died", seen.died), ("cut", seen.cut),
        ("changed", seen.changed),
    )  # fmt: skip
    return [name for name, holds in flags if holds]


def _with_error(step: Step, place: int, errors: ErrorReport | None) -> Step:
    """Return the step at a place (from 1) with its error, and the step that overcame it."""
    found = next((e for e in errors.episodes if place in e.steps), None) if errors else None
    if errors is None or found is None:
        return step
    line = errors.findings[place - 1].line or found.line
    overcome = found.recovered_at
    return step | {"error": found.error_type, "error_line": line, "overcome": overcome}


def _marks(trial: Assessment, number: int, blamed: int | None) -> list[str]:
    marked = (
        ("exposed", trial.exposed_step),
        ("noticed", step_named(trial.encounter.noticed)),
        ("blamed", blamed),
    )
    return [mark for mark, step in marked if step == number]


_TOLD_OTHERWISE = {"probed"}


def _moments(entries: Iterable[Entry]) -> list[Moment]:
    """Return what the nemesis did, what the agent showed, and when the fault was gone."""
    moments: list[Moment] = []
    there = False
    for entry in entries:
        if entry.who == "nemesis" and entry.what not in _TOLD_OTHERWISE:
            moments.append(_moment(entry))
        if there and not entry.in_force and entry.what == "probed":
            moments.append(_moment(entry) | {"what": "repaired", "text": "gone, by the agent"})
        moments += [_moment(entry) | {"what": mark, "text": mark} for mark in entry.marks]
        there = entry.in_force
    return moments


def _moment(entry: Entry) -> Moment:
    return Moment(t=entry.t, what=entry.what, step=entry.step, text=entry.text, detail=entry.detail)


def _is(entry: Entry, who: str, what: str) -> bool:
    return (entry.who, entry.what) == (who, what)


def _end(timeline: Timeline) -> float:
    if timeline.stopped is not None:
        return max(timeline.stopped.t, 0.0)
    return max((e.t for e in timeline.events if e.who != "verifier"), default=0.0)
