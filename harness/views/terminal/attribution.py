"""The first wrong step, told to people: the finding first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from harness.attribution.document import Blame
from harness.attribution.search import Found
from harness.models.trial import TrialSpec
from harness.models.verdict import Verdict
from harness.views.terminal.progress import MARK
from harness.views.terminal.sanitize import line, shorten

_LEFT = 18
"""columns of the names"""
_WIDE = 74
"""columns of what is said"""
_SIGN = {True: "✓", False: "✗", None: "?"}
_MEANS = {
    "oracle": "the oracle goes on",
    "afresh": "what was added to the outputs goes, then the oracle",
    "mended": "the fault's playbook, then the oracle",
}


class Ground(NamedTuple):
    """What one way on showed."""

    way: str
    means: str
    strip: str
    """A sign for each k from 0: passes, fails, unknown, or a point that was not asked."""
    lost: str


def findings(blame: Blame) -> list[tuple[str, str]]:
    """Return what was found, as names and words."""
    need, drop = blame.necessity, blame.value_drop
    sure = {True: "yes", False: "no", None: "unknown"}
    fell = drop and f"{drop.step}: from {drop.before:.0%} of the ways on to {drop.after:.0%}"
    return [
        ("first wrong step", f"{_step(blame)}: {line(blame.reason)}"),
        *([("causal", f"{sure[need.causal]}: {line(need.by)}")] if need else []),
        ("met the fault", "-" if blame.exposed is None else f"step {blame.exposed}"),
        ("value drop", fell or "-"),
    ]


def grounds(blame: Blame) -> list[Ground]:
    """Return what the finding rests on."""
    return [
        Ground(name, _MEANS.get(name, ""), _strip(found, blame.steps), _say_where(found))
        for name, found in blame.ways.items()
    ]


def effort(blame: Blame) -> str:
    """Return what it took, and how far to trust it."""
    share = f"{blame.fidelity:.0%} of their steps came out as recorded"
    changing = f"{len(blame.changing)} of {blame.steps} steps change anything"
    return f"{blame.replays} in {blame.seconds:.1f} s; {share}; {changing}"


def _step(blame: Blame) -> str:
    if blame.step is not None:
        return f"{blame.step} of {blame.steps}"
    if blame.between is None:
        return "none"
    low, high = blame.between
    return f"unknown, {low} to {blame.steps if high is None else high}, if any"


def _strip(found: Found, steps: int) -> str:
    signs = (_SIGN[found.passes[k]] if k in found.passes else "·" for k in range(steps + 1))
    return "".join(signs)


def _say_where(found: Found) -> str:
    scanned = " (not monotone: every step was asked)" if found.scanned else ""
    if not found.certain:
        return "unknown" + scanned
    match found.step:
        case None:
            return "passes to the end" + scanned
        case 0:
            return "fails from the start" + scanned
    return f"lost at {found.step}" + scanned


# --- for a terminal ------------------------------------------------------------------------


def blame_text(
    blame: Blame, spec: TrialSpec, verdict: Verdict | None, command: str | None
) -> RenderableType:
    """Return a finding as text; `command` is what the blamed step ran."""
    return Group(*_heading(blame, spec, verdict), *_finding(blame, command), *_rest(blame))


def _heading(blame: Blame, spec: TrialSpec, verdict: Verdict | None) -> Iterator[Text]:
    yield Text(line(blame.trial), style="bold")
    yield Text(f"task   {line(spec.task.title)}")
    yield Text(f"fault  {line(spec.fault.title)}")
    if verdict is not None:
        colour, sign = MARK[verdict.outcome]
        yield Text(f"{sign} {verdict.outcome}: {line(verdict.reason)}", style=colour)
    yield Text()


def _finding(blame: Blame, command: str | None) -> Iterator[Text]:
    first, *others = findings(blame)
    yield _row(*first, "bold red" if blame.step is not None else "bold")
    for row in shorten(command, 4, _WIDE - 2) if command is not None else ():
        yield _row("", f"$ {row}", "bold")
    for name, said in others:
        yield _row(name, said)
    yield Text()


def _rest(blame: Blame) -> Iterator[Text]:
    for way, means, strip, lost in grounds(blame):
        yield _row(way, f"{strip}  {lost}")
        yield _row("", means, "dim")
    yield _row("replays", effort(blame))


def _row(name: str, said: str, style: str = "") -> Text:
    row = Text.assemble(Text(f"{name:<{_LEFT}}", style="dim"), Text(said, style=style))
    row.no_wrap, row.overflow = True, "ignore"
    return row
