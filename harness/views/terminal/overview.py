"""A run as a table: every trial's outcome and times, and each agent's figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.analysis import metrics
from harness.history.store import Run
from harness.models.verdict import Verdict
from harness.views.terminal.sanitize import line
from harness.views.terminal.show_json import AgentShown, RunShown


def overview(run: Run) -> RunShown:
    """Read a run's verdicts and sum them up."""
    facts, finished, specs = run.facts(), run.finished(), run.specs()
    asked = facts.get("asked", {})
    planned = asked.get("trials", []) if isinstance(asked, dict) else []
    wanted = dict.fromkeys([*planned, *specs])
    unfixable = {trial for trial, spec in specs.items() if not spec.fault.fixable}
    verdicts = tuple(finished.values())
    agents = sorted({v.agent for v in verdicts})
    return RunShown(
        run=line(str(run.path)),
        id=str(facts.get("id", "")),
        created=str(facts.get("created", "")),
        agents=tuple(
            sum_up(agent, [v for v in verdicts if v.agent == agent], unfixable) for agent in agents
        ),
        trials=verdicts,
        unfinished=tuple(line(str(trial)) for trial in wanted if trial not in finished),
    )


def sum_up(agent: str, verdicts: Sequence[Verdict], unfixable: set[str]) -> AgentShown:
    """Return one agent's figures."""
    return AgentShown(
        agent=agent,
        recovery=metrics.recovery(verdicts, unfixable),
        reporting=metrics.reporting(verdicts, unfixable),
        control=metrics.control(verdicts),
        exposure=metrics.exposure(verdicts),
        unmet=dict(Counter(v.unmet for v in verdicts if v.unmet)),
        outcomes=dict(Counter(v.outcome for v in verdicts)),
        false_successes=sum(v.false_success is True for v in verdicts),
    )
