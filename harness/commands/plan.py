"""`harness plan`: the trials, their cost, and what a gate will be able to say about them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness import api
from harness.commands.selectors import CORE, Selectors
from harness.errors import InputError
from harness.models.trial import TrialSpec
from harness.release import baseline as baselines
from harness.release import matching, policy
from harness.release.forecast import Forecast, forecast
from harness.release.power import SPREAD, plan_cells
from harness.trial import scheduler
from harness.views.terminal import render
from harness.views.terminal.progress import say


def plan_(
    *,
    what: Selectors = CORE,
    policy_: Annotated[
        Path | None, Parameter(name="--policy", help="gate.yaml; without it, the default")
    ] = None,
    baseline: Annotated[
        Path | None, Parameter(help="what will be compared with: a baseline's file or a run")
    ] = None,
    against: Annotated[str | None, Parameter(help="the baseline's agent to compare with")] = None,
    expect: Annotated[
        float, Parameter(help="mean success to expect of the agent that is known")
    ] = 0.8,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="as JSON")] = False,
) -> int:
    """Say which trials `harness run` would play, and how likely a gate is to decide on them.

    Nothing is started.  The chances come from the gate's own rules, put to simulated trials.
    Exit code 0: planned; 2: a file is wrong; 5: nothing was selected.
    """
    if not 0.02 <= expect <= 0.98:  # noqa: PLR2004 - beyond it nothing is left to simulate
        raise InputError("--expect is a share between 0.02 and 0.98")
    wanted = what.selection()
    specs = api.plan(api.load(), wanted, say)
    cells = plan_cells(specs)
    rules = policy.read(policy_) if policy_ else None
    named = baseline or (
        policy_.parent / rules.baseline if policy_ and rules and rules.baseline else None
    )
    old = matching.rename_agents(baselines.read(named).cells, cells, against) if named else None
    rules = rules or policy.default(baseline=True)
    seen = forecast(rules, cells, old, wanted.attempts, expect)
    if json_:
        print(json.dumps(_cost(specs) | {"forecast": seen.model_dump(mode="json")}, indent=1))
    else:
        render.show(_screen(specs, seen, expect))
    return 0


def _cost(specs: Sequence[TrialSpec]) -> dict[str, object]:
    """Return the plan as data.  `seconds` is the most that it can take: the tasks' limits."""
    at_once = scheduler.capacity(specs)
    seconds = sum(spec.task.limits.seconds for spec in specs)
    return {
        "trials": [spec.trial for spec in specs],
        "containers": sum(1 + len(spec.task.services) for spec in specs),
        "steps": sum(spec.task.limits.steps for spec in specs),
        "seconds": seconds,
        "at_once": at_once,
    }


def _screen(specs: Sequence[TrialSpec], seen: Forecast, expect: float) -> RenderableType:
    cost = _cost(specs)
    hours = sum(spec.task.limits.seconds for spec in specs) / 3600 / scheduler.capacity(specs)
    return Group(
        _trials(specs),
        Text(
            f"\n{len(specs)} trials in {len({s.task.id for s in specs})} tasks, "
            f"{cost['at_once']} at once on this machine; at most {cost['steps']} steps and "
            f"{hours:.1f} h, the tasks' limits used up"
        ),
        Text("\nwhat the gate would say", style="bold"),
        _chances(seen),
        *_say_needs(seen),
        Text(
            f"simulated: success {expect:.0%} on average, from task to task by a standard deviation"
            f" of {SPREAD} (logits), unless a baseline tells; a drop is half everywhere, half in"
            " tasks that break",
            style="dim",
        ),
    )


def _trials(specs: Sequence[TrialSpec]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("task", "faults", "agents", "attempts"):
        table.add_column(name, overflow="fold")
    for task in dict.fromkeys(spec.task.id for spec in specs):
        mine = [spec for spec in specs if spec.task.id == task]
        table.add_row(
            task,
            ", ".join(dict.fromkeys(spec.pair for spec in mine)),
            ", ".join(dict.fromkeys(spec.agent.id for spec in mine)),
            str(max(Counter((s.pair, s.agent.id) for s in mine).values())),
        )
    return table


def _chances(seen: Forecast) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("if the new agent ...")
    for name in ("PASS", "FAIL", "INCONCLUSIVE"):
        table.add_column(name, justify="right")
    for row in seen.table:
        what = f"succeeds in {row.expected:.0%}"
        if seen.compared:
            what = f"is {100 * row.drop:.0f} points worse" if row.drop else "is as good"
        table.add_row(what, f"{row.passes:.0%}", f"{row.fails:.0%}", f"{row.open:.0%}")
    return table


def _say_needs(seen: Forecast) -> list[Text]:
    if seen.tasks < seen.least_tasks:
        told = f"no PASS is possible: it takes {seen.least_tasks} tasks, the plan has {seen.tasks}"
    else:
        told = f"for a PASS in the first row with 80%: {_attempts(seen.to_pass)}"
    return [
        Text(f"\n{told}"),
        Text(f"for a FAIL in the last row with 80%: {_attempts(seen.to_fail)}"),
        *(Text(f"no PASS is possible: {gap}", style="yellow") for gap in seen.gaps),
        Text(),
    ]


def _attempts(number: int | None) -> str:
    if number is None:
        return "no number of attempts is enough; more tasks, or a wider margin, are needed"
    return f"{number} attempt{'s' * (number != 1)} of each trial"
