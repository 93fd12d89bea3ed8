"""What the agent itself did: what it typed or wrote into a script, and what that executed.  Pure.

What git, make, a package manager or a project's own program executes inside is not the agent's act.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.executed import Executed, program
from harness.history.timeline import Timeline
from harness.shelltext import programs
from harness.shelltext.placed import Placed, read


@dataclass(frozen=True, slots=True)
class Act:
    """One command of the agent's own."""

    step: int
    text: str
    """As patterns see it: `harness.shelltext.settled.settle`, and below it what a client is fed."""


def acts(timeline: Timeline, workdir: str) -> Iterator[Act]:
    """Yield what the agent did, step by step, talk left out.

    Where the exec filter is in force a command counts if it was executed, with the words and in the
    folder that it was; what bash does by itself counts as it was typed.
    """
    folder: str | None = workdir
    executed = Executed()
    for step in timeline.steps:
        typed, folder = read(step.command, folder)
        ran = [each for each in typed if each.fed is not None or not timeline.sees_executions
               or each.words[0] in programs.BUILTINS]  # fmt: skip
        where = {each.folder for each in typed}
        known = where.pop() if len(where) == 1 else None
        own = [Placed(program(run), run.cwd or known, None) for run in executed.own(step, typed)]
        yield from (Act(step.number, each.text) for each in (*ran, *own) if each.text)
