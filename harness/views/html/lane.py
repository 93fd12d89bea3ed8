"""One trial as a picture: the fault's life above, the agent's steps and deeds below, one clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from harness.analysis.deeds import Deed, deeds, exposed_step
from harness.analysis.life import Life, life
from harness.history.reading import Log, names, number, text, truth
from harness.views.html.talk import Word, talk
from harness.views.terminal.story import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.error_taxonomy.error_report import Account
    from harness.history.history import Event
    from harness.models.nouns import TrialSpec, Verdict
    from harness.views.html.attribution import Finding
    from harness.views.terminal.show_json import Entry

EXECUTIONS = 60
"""Programs listed for a step; a build may execute thousands."""


class Step(TypedDict):
    """A step of the agent and what came back.  Texts are as recorded, control characters too."""

    n: int
    start: float | None
    """Seconds since hand-over, as all times here."""
    end: float | None
    """None: it still runs, or nobody wrote down that it ended."""
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
    deed: Deed | None
    marks: list[str]
    """Of exposed, noticed, blamed."""
    error: str | None
    """The type of the error that it ran into, injected or not."""
    error_line: str | None
    """What it printed about it."""
    overcome: int | None
    """The step that overcame the error."""
    talk: list[Word]
    """What passed between the agent and its model before it."""


class Moment(TypedDict):
    """Something in the fault's life, or a word of the agent's, at a time."""

    t: float | None
    what: str
    step: int | None
    text: str
    detail: str


class Lane(TypedDict):
    """The picture of one trial."""

    trial: str
    steps: list[Step]
    life: list[Moment]
    force: list[list[float | None]]
    """From, to: when the fault was known to be in force; to None: to the end."""
    says: list[Moment]
    stopped: Moment | None
    talk: list[Word]
    """What passed between the agent and its model after the last step."""
    checks: list[Moment]
    failed: str
    """Why the trial says nothing about the agent."""
    end: float
    """When the agent stopped, or the last thing known of it."""
    blame: Finding | None
    """What an experiment found out about its first wrong step."""


def lane(
    spec: TrialSpec,
    log: Log,
    verdict: Verdict | None,
    account: Account | None = None,
    blamed: int | None = None,
) -> Lane:
    """Read the picture off a history, finished or not.

    `account` has the errors in it; `blamed` is the first wrong step, where it is known.
    """
    found = Life() if spec.fault.control else life(spec.fault, log)
    entries = told(spec, log, verdict).entries
    stopped = next((_moment(e) for e in entries if _is(e, "agent", "stopped")), None)
    return Lane(
        trial=spec.trial,
        steps=[
            _with_error(step, place, account) for place, step in _steps(spec, log, found, blamed)
        ],
        life=_life(entries),
        force=_force(entries),
        says=[_moment(e) for e in entries if _is(e, "agent", "says")],
        stopped=stopped,
        talk=talk(log)[1],
        checks=[_moment(e) for e in entries if e.who == "checker"],
        failed=next((e.text for e in entries if _is(e, "harness", "failed")), ""),
        end=_end(log),
        blame=None,
    )


def _steps(
    spec: TrialSpec, log: Log, found: Life, blamed: int | None
) -> Iterator[tuple[int, Step]]:
    """Yield the steps, each with its place among the agent's acts."""
    done = deeds(spec.fault, log, found)
    said, _ = talk(log)
    marks = _marked(log, found, blamed)
    seen = {number(e, "step"): e for _, e in log.all("agent", "sees")}
    programs: dict[float | None, list[list[str]]] = {}
    for _, event in log.all("agent", "execs"):
        programs.setdefault(number(event, "step"), []).append(names(event, "argv") or [])
    for place, (_, act) in enumerate(log.all("agent", "acts"), start=1):
        n = number(act, "step")
        if n is not None:
            yield (
                place,
                _step(act, seen.get(n), programs.get(n, []))
                | {
                    "deed": done.get(int(n)),
                    "marks": marks.get(int(n), []),
                    "talk": said.get(n, []),
                },
            )


def _step(act: Event, seen: Event | None, execs: list[list[str]]) -> Step:
    flags = [f for f in ("timed_out", "died", "cut", "changed") if truth(seen, f)]
    status = seen.get("pipestatus") if seen else None
    return Step(
        n=int(number(act, "step") or 0),
        start=number(act, "t"),
        end=number(seen, "t"),
        command=text(act, "command"),
        message=text(act, "message"),
        stdout=text(seen, "stdout"),
        stderr=text(seen, "stderr"),
        note=text(seen, "note"),
        code=number(seen, "exit_code"),
        pipestatus=[n for n in status if isinstance(n, int)] if isinstance(status, list) else [],
        seconds=number(seen, "seconds"),
        flags=flags,
        paths=names(seen, "paths") or [],
        whole=names(seen, "artifacts") or [],
        execs=execs[:EXECUTIONS],
        more_execs=max(0, len(execs) - EXECUTIONS),
        deed=None,
        marks=[],
        error=None,
        error_line=None,
        overcome=None,
        talk=[],
    )


def _with_error(step: Step, place: int, account: Account | None) -> Step:
    """Return the step at a place (from 1) with its error, and the step that overcame it."""
    found = next((e for e in account.episodes if place in e.steps), None) if account else None
    if account is None or found is None:
        return step
    line = account.findings[place - 1].line or found.line
    overcome = found.recovered_at
    return step | {"error": found.error_type, "error_line": line, "overcome": overcome}


def _marked(log: Log, found: Life, blamed: int | None) -> dict[int, list[str]]:
    marks: dict[int, list[str]] = {}
    exposed = exposed_step(log, found)
    if exposed is not None:
        marks[exposed] = ["exposed"]
    noticed = None if found.noticed is None else number(log.events[found.noticed], "step")
    if noticed is not None:
        marks.setdefault(int(noticed), []).append("noticed")
    if blamed is not None:
        marks.setdefault(blamed, []).append("blamed")
    return marks


_TOLD_OTHERWISE = {"probed"}


def _life(entries: Iterable[Entry]) -> list[Moment]:
    """Return the fault's life: what the nemesis did, what the agent showed, when it was gone."""
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


def _force(entries: Iterable[Entry]) -> list[list[float | None]]:
    spans: list[list[float | None]] = []
    there = False
    for entry in entries:
        if entry.in_force and not there:
            spans.append([entry.t, None])
        if there and not entry.in_force:
            spans[-1][1] = entry.t
        there = entry.in_force
    return spans


def _moment(entry: Entry) -> Moment:
    return Moment(t=entry.t, what=entry.what, step=entry.step, text=entry.text, detail=entry.detail)


def _is(entry: Entry, who: str, what: str) -> bool:
    return (entry.who, entry.what) == (who, what)


def _end(log: Log) -> float:
    stopped = number(log.last("agent", "stopped"), "t")
    if stopped is not None:
        return max(stopped, 0.0)
    times = (number(e, "t") for e in log.events if e.get("who") != "checker")
    return max((t for t in times if t is not None), default=0.0)
