"""The errors of trajectories as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.analysis.metrics import Rate
from harness.error_taxonomy.answers import Insights, Side, TypeShown
from harness.error_taxonomy.error_report import ErrorReport
from harness.views.terminal.sanitize import line

MOST = 10
"""Rows of the tables that could be long."""

_CUT = 68
"""columns of an example"""


def insights_text(answers: Insights) -> RenderableType:
    """Return the six answers, one table below the other."""
    if not answers.errors:
        return Text(f"No error in {answers.steps} steps of {answers.trials} trajectories.")
    parts: list[RenderableType] = [
        Text(
            f"{answers.errors} errors in {answers.steps} steps of {answers.trials} trajectories;"
            f" {percent(answers.recovery)} overcome."
        ),
        *_sides(answers),
        *_profiles(answers),
        *_categories(answers),
        *_types("The least recoverable", answers.types[:MOST]),
        *_types("The most recoverable", _best(answers.types)),
        *_tasks(answers),
    ]
    return Group(*parts)


def percent(rate: Rate) -> str:
    """Return a rate with its interval and number: `79 % [64, 89] of 43`."""
    if rate.share is None or rate.low is None or rate.high is None:
        return "- of 0"
    return (
        f"{rate.share:.0%} [{100 * rate.low:.0f}, {100 * rate.high:.0f}] of {rate.trials}".replace(
            "%", " %", 1
        )
    )


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), title=Text(title, style="bold"))
    table.title_justify = "left"
    for name in left:
        table.add_column(name, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _sides(answers: Insights) -> Iterator[RenderableType]:
    if not answers.solved.trials and not answers.unsolved.trials:
        return
    table = _table(
        "Recovery in solved and unsolved trials", ["trials"], ["n", "errors a trial", "overcome"]
    )
    for name, side in (("solved", answers.solved), ("unsolved", answers.unsolved)):
        table.add_row(name, str(side.trials), _per_trial(side), percent(side.recovery))
    yield from (Text(), table)
    if answers.gap is not None:
        yield Text(f"Gap: {answers.gap:+.1f} points.")


def _per_trial(side: Side) -> str:
    return "-" if side.errors_per_trial is None else f"{side.errors_per_trial:.2f}"


def _profiles(answers: Insights) -> Iterator[RenderableType]:
    named = [p for p in answers.profiles if p.agent or p.model]
    if not named:
        return
    table = _table("Profiles", ["agent", "kind"], ["trials", "errors a trial", "overcome", "fatal"])
    for one in named:
        who = line(" ".join(filter(None, (one.agent, one.model))))
        figures = (str(one.trials), f"{one.errors_per_trial:.2f}")
        table.add_row(
            who, one.archetype or "-", *figures, percent(one.recovery), percent(one.fatal)
        )
    yield from (Text(), table)


def _categories(answers: Insights) -> Iterator[RenderableType]:
    table = _table("Categories", ["category"], ["errors", "share", "overcome", "fatal"])
    for one in answers.categories:
        share = f"{100 * one.share:.0f} %"
        table.add_row(one.name, str(one.errors), share, percent(one.recovery), percent(one.fatal))
    yield from (Text(), table)


def _best(types: Sequence[TypeShown]) -> list[TypeShown]:
    ranked = sorted(types, key=lambda t: (-(t.recovery.share or 0), -t.errors, t.error_type))
    return [one for one in ranked if one.recovery.hits][:MOST]


def _types(title: str, types: Sequence[TypeShown]) -> Iterator[RenderableType]:
    if not types:
        return
    table = _table(title, ["type", "example, and what mended it"], ["overcome", "steps"])
    for one in types:
        steps = "-" if one.steps_to_recover is None else f"{one.steps_to_recover:g}"
        table.add_row(one.error_type, Text("\n".join(_story(one))), percent(one.recovery), steps)
    yield from (Text(), table)


def _story(one: TypeShown) -> Iterator[str]:
    if one.example:
        yield line(one.example)[:_CUT]
    if one.fixes:
        best = one.fixes[0]
        yield f"{best.kind} ({best.times}): {line(best.example)}"[:_CUT]


def _tasks(answers: Insights) -> Iterator[RenderableType]:
    named = [task for task in answers.tasks if task.task and task.errors][:MOST]
    if not named:
        return
    table = _table("The hardest tasks", ["task"], ["errors", "a trial", "agents hit", "solved"])
    for one in named:
        hit = f"{one.agents_with_errors} of {one.agents}"
        figures = (str(one.errors), f"{one.errors_per_trial:.2f}", hit, percent(one.solved))
        table.add_row(line(one.task or ""), *figures)
    yield from (Text(), table)


def steps_text(reports: Iterable[ErrorReport]) -> RenderableType:
    """Return every error of every trajectory, in order."""
    parts: list[RenderableType] = []
    for report in reports:
        parts += [_errors(report), Text()]
    return Group(*parts)


def _errors(report: ErrorReport) -> RenderableType:
    trajectory = report.trajectory
    solved = {True: "solved", False: "not solved", None: "outcome unknown"}[trajectory.solved]
    title = f"{line(trajectory.id)}: {len(trajectory.steps)} steps, {solved}"
    if not report.episodes:
        return Text(f"{title}, no error")
    table = _table(title, ["error", "what was said"], ["steps", "overcome"])
    for episode in report.episodes:
        steps = ", ".join(map(str, episode.steps[:4])) + (" ..." if episode.steps[4:] else "")
        end = f"step {episode.recovered_at}, {episode.fix}" if episode.recovered else "no"
        fatal = " (fatal)" if episode.fatal else ""
        said = Text(line(episode.line or "")[:_CUT])
        table.add_row(episode.error_type, said, steps, end + fatal)
    return table
