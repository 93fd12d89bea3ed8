"""The first wrong step, told to people: the finding first, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from harness.progress import MARK
from harness.telling.terminal import line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.blame.document import Blame
    from harness.blame.search import Found
    from harness.models import Spec, Verdict

_LEFT = 18
"""columns of the names"""
_WIDE = 74
"""columns of what is said"""
_SIGN = {True: "✓", False: "✗", None: "?"}
_TOLD = {
    "oracle": "the oracle goes on",
    "afresh": "what was added to the outputs goes, then the oracle",
    "mended": "the fault's playbook, then the oracle",
}


def blame_text(
    blame: Blame, spec: Spec, verdict: Verdict | None, command: str | None
) -> RenderableType:
    """Return a finding as text; `command` is what the blamed step ran."""
    return Group(*_heading(blame, spec, verdict), *_finding(blame, command), *_grounds(blame))


def _heading(blame: Blame, spec: Spec, verdict: Verdict | None) -> Iterator[Text]:
    yield Text(line(blame.trial), style="bold")
    yield Text(f"task   {line(spec.task.title)}")
    yield Text(f"fault  {line(spec.fault.title)}")
    if verdict is not None:
        colour, sign = MARK[verdict.outcome]
        yield Text(f"{sign} {verdict.outcome}: {line(verdict.reason)}", style=colour)
    yield Text()


def _finding(blame: Blame, command: str | None) -> Iterator[Text]:
    style = "bold red" if blame.step is not None else "bold"
    yield _row("first wrong step", f"{_step(blame)}: {line(blame.reason)}", style)
    for row in shortened(command or "", 4, _WIDE - 2) if command is not None else ():
        yield _row("", f"$ {row}", "bold")
    if blame.necessity is not None:
        sure = {True: "yes", False: "no", None: "unknown"}[blame.necessity.causal]
        yield _row("causal", f"{sure}: {line(blame.necessity.by)}")
    yield _row("met the fault", _number(blame.exposed))
    drop = blame.value_drop
    fell = (
        f"{drop.step}: from {drop.before:.0%} of the ways on to {drop.after:.0%}" if drop else "-"
    )
    yield _row("value drop", fell)
    yield Text()


def _step(blame: Blame) -> str:
    if blame.step is not None:
        return f"{blame.step} of {blame.steps}"
    if blame.between is None:
        return "none"
    low, high = blame.between
    return f"unknown, {low} to {blame.steps if high is None else high}, if any"


def _number(step: int | None) -> str:
    return "-" if step is None else f"step {step}"


def _grounds(blame: Blame) -> Iterator[Text]:
    for name, found in blame.ways.items():
        yield _row(name, f"{_strip(found, blame.steps)}  {_lost(found)}")
        yield _row("", _TOLD.get(name, ""), "dim")
    told = f"{blame.replays} in {blame.seconds:.1f} s; {blame.fidelity:.0%} of the replayed steps"
    yield _row("replays", f"{told} came out as recorded")


def _strip(found: Found, steps: int) -> str:
    """Return a sign for each k from 0: passes, fails, unknown, or a point where nobody asked."""
    signs = (_SIGN[found.passes[k]] if k in found.passes else "·" for k in range(steps + 1))
    return "".join(signs)


def _lost(found: Found) -> str:
    scanned = " (not monotone: every step was asked)" if found.scanned else ""
    if not found.certain:
        return "unknown" + scanned
    match found.step:
        case None:
            return "passes to the end" + scanned
        case 0:
            return "fails from the start" + scanned
    return f"lost at {found.step}" + scanned


def _row(name: str, said: str, style: str = "") -> Text:
    row = Text.assemble(Text(f"{name:<{_LEFT}}", style="dim"), Text(said, style=style))
    row.no_wrap, row.overflow = True, "ignore"
    return row
