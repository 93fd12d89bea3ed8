"""What a trajectory ran into that was not injected: findings a step, and the episodes in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.error_taxonomy.classify import Classifier, Finding
from harness.error_taxonomy.episodes import Episode, episodes
from harness.trajectories.trajectory import Step, Trajectory

TIMED_OUT = 124
"""The exit code of timeout(1), taken for a command that was cut off for its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReport:
    """A trajectory and the errors in it."""

    trajectory: Trajectory
    findings: tuple[Finding, ...]
    """One a step."""
    episodes: tuple[Episode, ...]


def report_errors(trajectory: Trajectory, classifier: Classifier) -> ErrorReport:
    """Find the errors of a trajectory and join them into episodes."""
    found = tuple(_classify(step, classifier) for step in trajectory.steps)
    joined = episodes(trajectory.steps, found, solved=trajectory.solved)
    return ErrorReport(trajectory=trajectory, findings=found, episodes=tuple(joined))


def _classify(step: Step, classifier: Classifier) -> Finding:
    code = step.exit_code
    if code is None and step.extra.get("timed_out") is True:
        code = TIMED_OUT
    return classifier.classify(step.command, code, step.text, step.pipestatus)


def rows(report: ErrorReport) -> Iterator[dict[str, Any]]:
    """Yield a row a step: its number, error type (None: no error), episode and recovery."""
    places = {n: (i, e) for i, e in enumerate(report.episodes, start=1) for n in e.steps}
    for number, finding in enumerate(report.findings, start=1):
        row: dict[str, Any] = {"step": number, "error_type": finding.error_type}
        row["also"] = list(finding.also)
        if number in places:
            place, episode = places[number]
            row |= {"episode": place, "recovered": episode.recovered, "masked": finding.masked}
        yield row
