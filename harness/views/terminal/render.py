"""A run and a trial as text for people: 100 columns, the same with and without colours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.analysis.detection import Detection
from harness.analysis.metrics import Rate, to_notice, to_recover
from harness.models.verdict import Outcome, Verdict
from harness.views.terminal.progress import MARK
from harness.views.terminal.sanitize import line, shorten
from harness.views.terminal.show_json import AgentShown, Entry, RunShown, TrialShown

WIDTH = 100
"""columns"""
_TEXT = 78
"""columns of a story's right-hand side"""
_FULL = 1 << 20
_PRECISE = 10.0
"""seconds; shorter times are shown to the hundredth"""


def show(document: RenderableType) -> None:
    """Print on standard output; without a terminal there, as plain text."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    with console.capture() as captured:
        console.print(document)
    rows = (row.rstrip() for row in captured.get().rstrip("\n").split("\n"))
    encoding = sys.stdout.encoding or "utf-8"
    print("\n".join(rows).encode(encoding, "replace").decode(encoding))


# --- a run ---------------------------------------------------------------------------------


def run_text(shown: RunShown, *, brief: bool = False) -> RenderableType:
    """Return the agents side by side, where there are several, and each one's table and figures.

    `brief` leaves the tables out when they would only repeat what stands side by side.
    """
    parts: list[RenderableType] = []
    several = 1 < len(shown.agents) <= _SIDE_BY_SIDE
    if several:
        parts += [_grid(shown), Text()]
    for agent in shown.agents:
        trials = [v for v in shown.trials if v.agent == agent.agent]
        table = Text(line(agent.agent), style="bold") if several and brief else None
        parts += [table or _table(agent.agent, trials), *_figures(agent), Text()]
    if not parts:
        parts.append(Text("No trial is finished."))
    if shown.unfinished:
        some = line(", ".join(shown.unfinished[:3]))
        more = " ..." if len(shown.unfinished) > 3 else ""  # noqa: PLR2004 - three are an example
        parts.append(Text(f"{len(shown.unfinished)} not finished: {some}{more}", style="magenta"))
    return Group(*parts)


_SIDE_BY_SIDE = 4
"""agents that fit beside one another"""


def _grid(shown: RunShown) -> Table:
    """Return task and fault against agents: the outcomes of the first attempts' cells."""
    table = Table(box=None, padding=(0, 1, 0, 0))
    for name in ("task", "fault", *(line(agent.agent) for agent in shown.agents)):
        table.add_column(name, overflow="fold", no_wrap=name == "task")
    cells: dict[tuple[str, str], dict[str, Text]] = {}
    for verdict in shown.trials:
        colour, sign = MARK[verdict.outcome]
        cell = cells.setdefault((verdict.task, verdict.pair), {}).setdefault(verdict.agent, Text())
        cell.append(("\n" if cell else "") + f"{sign} {verdict.outcome}", style=colour)
    last = ""
    for (task, pair), row in cells.items():
        named = (Text("" if task == last else task), Text(pair))
        table.add_row(*named, *(row.get(agent.agent, Text()) for agent in shown.agents))
        last = task
    return table


def _table(agent: str, verdicts: list[Verdict]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), title=Text(line(agent), style="bold"))
    table.title_justify = "left"
    for name in ("outcome", "task", "fault", "solved"):
        table.add_column(name, overflow="fold", no_wrap=name in {"outcome", "solved"})
    for name in ("noticed", "recovered", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    for verdict in verdicts:
        table.add_row(*_cells(verdict))
    return table


def _cells(verdict: Verdict) -> list[Text]:
    colour, sign = MARK[verdict.outcome]
    again = f" ({verdict.attempt})" if verdict.attempt > 1 else ""
    return [
        Text(f"{sign} {verdict.outcome}", style=colour),
        Text(verdict.task + again),
        Text(verdict.pair),
        Text({True: "yes", False: "no", None: "?"}[verdict.solved]),
        Text(_after(to_notice(verdict))),
        Text(_after(to_recover(verdict))),
        Text(_after(verdict.seconds).removeprefix("+")),
    ]


def _after(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:+.{2 if abs(seconds) < _PRECISE else 0}f}"


def _figures(agent: AgentShown) -> Iterator[Text]:
    yield Text(f"  recovered {_share(agent.recovery, 'that met a fault')}", style="bold")
    if agent.reporting.trials:
        yield Text(f"  reported {_share(agent.reporting, 'that met a fault beyond mastering')}")
    if agent.control.trials:
        yield Text(f"  passed {_share(agent.control, 'control trials')}")
    if agent.unmet:
        why = ", ".join(f"{n} {reason}" for reason, n in agent.unmet.items())
        yield Text(f"  met {_share(agent.exposure, 'faults')}; not met: {why}")
    if invalid := agent.outcomes.get(Outcome.INVALID):
        yield Text(f"  not counted: {invalid} invalid")
    if agent.false_successes:
        yield Text(f"  claimed done, not solved: {agent.false_successes}", style="red")


def _share(rate: Rate, of: str) -> str:
    if rate.share is None or rate.low is None or rate.high is None:
        return f"0 of 0 {of}"
    interval = f"95 % interval {rate.low:.0%} to {rate.high:.0%}"
    return f"{rate.hits} of {rate.trials} {of}: {rate.share:.0%} ({interval})"


# --- a trial -------------------------------------------------------------------------------

_VOICES = {"nemesis": "FAULT", "verifier": "check", "harness": ""}
_COLOURS = {"nemesis": "red", "verifier": "cyan", "harness": "dim"}
_LANE = {True: "█", False: "│"}


def trial_text(shown: TrialShown, *, full: bool = False) -> RenderableType:
    """Return the story: time, lane (a thick bar while the fault is in force), who, what."""
    rows: list[RenderableType] = [Text(line(shown.trial), style="bold"), *_heading(shown), Text()]
    for entry in shown.entries:
        if full or entry.what != "exec":
            rows += _rows(entry, full=full)
    return Group(*rows)


def _heading(shown: TrialShown) -> Iterator[Text]:
    yield Text(f"task   {line(shown.task)}")
    yield Text(f"fault  {line(shown.fault)}")
    if shown.verdict is None:
        yield Text("not finished", style="magenta")
        return
    colour, sign = MARK[shown.verdict.outcome]
    yield Text(f"{sign} {shown.verdict.outcome}: {line(shown.verdict.reason)}", style=colour)
    claim = f"claimed: {shown.verdict.claimed or '?'}"
    yield Text(claim + (", a false success" if shown.verdict.false_success else ""))
    if shown.detection is not None:
        yield from _detection(shown.detection)


def _detection(found: Detection) -> Iterator[Text]:
    """Tell the line that should have told the agent, and what it did then."""
    signal = found.signal
    sign = f"{signal.where}: {line(signal.line)}" if signal.line else signal.where
    yield Text(shorten(f"signal in step {signal.step}, {sign}", 1, WIDTH)[0])
    told = [
        did + (f" ({', '.join(steps)})" if steps else "")
        for did, group in groupby(found.reactions, lambda reaction: reaction.did)
        for steps in [[str(r.step) for r in group if r.step is not None]]
    ]
    if told:
        yield Text(shorten("then   " + ", ".join(told), 1, WIDTH)[0])


def _rows(entry: Entry, *, full: bool) -> Iterator[Text]:
    voice, colour = _voice(entry), _COLOURS.get(entry.who, "")
    time = "" if entry.t is None else f"{entry.t:.2f}"
    lines, width = (_FULL, _FULL) if full else (6, _TEXT)
    said = shorten(entry.text, lines, width)
    detail = shorten(entry.detail, lines, width - 2) if entry.detail else []
    for row, content in enumerate([*said, *(f"  {each}" for each in detail)]):
        style = ("bold" if entry.what == "action" else colour) if row < len(said) else "dim"
        head = (f"{time:>8}", voice) if row == 0 else ("", "")
        yield _row(entry, *head, Text(content, style=style))
    for mark in entry.marks:
        yield _row(entry, "", "", Text(f"<- {mark}", style="bold yellow"))


def _voice(entry: Entry) -> str:
    number = "" if entry.step is None or entry.what != "action" else f"{entry.step:>3} $"
    return _VOICES.get(entry.who, number)


def _row(entry: Entry, time: str, voice: str, content: Text) -> Text:
    lane = Text(_LANE[entry.in_force], style="red" if entry.in_force else "dim")
    head = Text(f"{time:>8} ")
    row = Text.assemble(head, lane, Text(f" {voice:>5}  "), content)
    row.no_wrap, row.overflow = True, "ignore"
    return row
