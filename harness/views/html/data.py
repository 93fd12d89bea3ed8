"""What the pages show of a run, as one JSON document; the pictures of single trials are apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.analysis import metrics, stats
from harness.error_taxonomy.error_report import ErrorReport
from harness.models.fault import NOOP, Fault
from harness.models.task import Task
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome, Verdict
from harness.views.html.answer import answer
from harness.views.html.contract import (
    Funnel,
    Json,
    PairShown,
    RunFacts,
    RunPage,
    Survival,
    TaskErrors,
    TaskShown,
    Unfinished,
)
from harness.views.html.grid import controls, fields
from harness.views.terminal.sanitize import line
from harness.views.terminal.show_json import RunShown

FORMAT = 1


def page(shown: RunShown, facts: Mapping[str, Any], specs: Mapping[str, TrialSpec]) -> RunPage:
    """Return the run's document: figures as `harness show --json` has them, and grids of cells."""
    verdicts = shown.trials
    control_of = controls(verdicts)
    unfixable = {trial for trial, spec in specs.items() if not spec.fault.fixable}
    ordered = sorted(verdicts, key=lambda verdict: _order(verdict, specs))
    return RunPage(
        format=FORMAT,
        run=_run(shown, facts),
        answer=answer(shown),
        agents=[agent.model_dump(mode="json") for agent in shown.agents],
        tasks={spec.task.id: _task(spec.task) for spec in specs.values()},
        pairs=_pairs(specs),
        trials=[_trial(verdict, control_of.get(verdict.trial)) for verdict in ordered],
        unfinished=[_unfinished(trial, specs.get(trial)) for trial in shown.unfinished],
        cells={
            name: fields(verdicts, lambda v, row=row: row(v, specs), unfixable, control_of)  # type: ignore[misc]
            for name, row in _ROWS.items()
        },
        survival=survival(verdicts, unfixable),
        funnel=[funnel(a.agent, verdicts, unfixable, control_of) for a in shown.agents],
    )


_ROWS = {
    "pair": lambda v, _: f"{v.task}+{v.pair}",
    "fault": lambda v, _: f"{v.task}+{v.fault}",
    "task": lambda v, _: v.task if v.fault != NOOP else "",
    "category": lambda v, specs: specs[v.trial].fault.category if v.fault != NOOP else "",
}
"""Ways to group trials; the row "" holds the controls where they have no row of their own."""


def _run(shown: RunShown, facts: Mapping[str, Any]) -> RunFacts:
    return {
        "name": shown.run.rstrip("/").rpartition("/")[2],
        "path": shown.run,
        "id": line(shown.id),
        "created": line(shown.created),
        "version": line(str(facts.get("version", ""))),
        "platform": line(str(facts.get("platform", ""))),
        "running": facts.get("owner") is not None,
    }


def _task(task: Task) -> TaskShown:
    return {
        "title": task.title,
        "instruction": task.instruction,
        "sandbox": task.sandbox,
        "protect": list(task.protect),
        "limits": task.limits.model_dump(include={"steps", "seconds"}),
    }


def _pairs(specs: Mapping[str, TrialSpec]) -> dict[str, PairShown]:
    found: dict[str, PairShown] = {}
    for spec in specs.values():
        found.setdefault(f"{spec.task.id}+{spec.pair}", _pair(spec))
    return found


def _pair(spec: TrialSpec) -> PairShown:
    fault = spec.fault
    return {
        "task": spec.task.id,
        "pair": spec.pair,
        "fault": fault.id,
        "title": fault.title,
        "category": fault.category,
        "error_type": fault.error_type,
        "resolution": fault.resolution,
        "explicit": fault.explicit,
        "when": fault.when.words,
        "schedule": _schedule(fault),
        "mechanism": fault.mechanism,
        "scripts": {k: getattr(fault, k) for k in ("inject", "present", "need", "heal")},
        "fix": list(fault.playbooks.fix),
        "workaround": list(fault.playbooks.workaround),
        "declared": spec.declared,
    }


def _schedule(fault: Fault) -> str:
    value = fault.schedule.value or 0
    match fault.schedule.kind:
        case "until-healed":
            return "stays until the agent removes it"
        case "permanent":
            return "stays; the agent cannot remove it"
        case "times":
            return f"ends by itself after {value:g} effects"
        case "seconds":
            return f"ends by itself after {value:g} s"


def _trial(verdict: Verdict, control: Verdict | None) -> Json:
    return {
        **verdict.model_dump(mode="json", exclude={"format"}),
        "to_notice": metrics.to_notice(verdict),
        "to_recover": metrics.to_recover(verdict),
        "control": control.trial if control else None,
        "control_solved": control.solved if control else None,
    }


def _unfinished(trial: str, spec: TrialSpec | None) -> Unfinished:
    if spec is None:
        return Unfinished(trial=trial, begun=False)
    return Unfinished(
        trial=trial,
        begun=True,
        task=spec.task.id,
        pair=spec.pair,
        agent=spec.agent.id,
        attempt=spec.attempt,
    )


def _order(verdict: Verdict, specs: Mapping[str, TrialSpec]) -> tuple[Any, ...]:
    """Order by task, the control first, the pairs as the task declares them, agent, attempt."""
    task = specs[verdict.trial].task
    declared = [NOOP, *(pair.name for pair in task.faults)]
    place = declared.index(verdict.pair) if verdict.pair in declared else len(declared)
    return (verdict.task, place, verdict.pair, verdict.agent, verdict.attempt)


def funnel(
    agent: str,
    verdicts: Sequence[Verdict],
    unfixable: set[str],
    control_of: Mapping[str, Verdict],
) -> Funnel:
    """Return how far an agent got with the faults it met: noticed, mastered."""
    own = [v for v in verdicts if v.agent == agent]
    noticed = metrics.rate_of(metrics.is_detection, own, unfixable)
    paired = [v for v in own if v.outcome is not Outcome.INVALID and v.trial in control_of]
    lost = metrics.rate(not v.solved for v in paired if control_of[v.trial].solved)
    return {
        "agent": agent,
        "met": noticed.trials,
        "noticed": noticed.model_dump(),
        "mastered": metrics.rate_of(metrics.is_mastery, own, unfixable).model_dump(),
        "lost": lost.model_dump(),
    }


def task_errors(reports: Iterable[ErrorReport]) -> list[TaskErrors]:
    """Return how many errors each agent met at each task."""
    met: Counter[tuple[str, str]] = Counter()
    for each in reports:
        trajectory = each.trajectory
        met[trajectory.task or "", trajectory.agent or ""] += len(each.episodes)
    return [{"task": task, "agent": agent, "errors": n} for (task, agent), n in met.items()]


def survival(verdicts: Sequence[Verdict], unfixable: set[str]) -> list[Survival]:
    """Return for each agent how long recovery takes, right-censored where it never came.

    Time: seconds from the exposure to the recovery, or to the agent's end; of the valid trials
    that met a fault that can be mastered.
    """
    rows: dict[str, list[tuple[float, bool]]] = {}
    for verdict in verdicts:
        waited = None if verdict.trial in unfixable else _wait(verdict)
        if waited is not None:
            rows.setdefault(verdict.agent, []).append(waited)
    return [_curve(agent, times) for agent, times in sorted(rows.items())]


def _wait(verdict: Verdict) -> tuple[float, bool] | None:
    """Return (seconds, whether it recovered then)."""
    if not verdict.exposed or verdict.outcome is Outcome.INVALID:
        return None
    recovered = metrics.to_recover(verdict)
    if recovered is not None:
        return max(recovered, 0.0), True
    start, end = verdict.exposed_at, verdict.seconds
    return None if start is None or end is None else (max(end - start, 0.0), False)


def _count_waiting(times: list[tuple[float, bool]], at: float) -> int:
    """Return how many trials had neither recovered nor ended before a time."""
    return sum(t >= at for t, _ in times)


def _curve(agent: str, times: list[tuple[float, bool]]) -> Survival:
    curve = stats.kaplan_meier(times)
    return {
        "agent": agent,
        "trials": len(times),
        "recovered": sum(done for _, done in times),
        "median": stats.median(curve),
        "curve": [(t, share, _count_waiting(times, t)) for t, share in curve],
        "censored": sorted(t for t, done in times if not done),
        "longest": max(t for t, _ in times),
    }
