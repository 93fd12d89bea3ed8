"""What `harness blame` found out about a trial, as its page shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from harness.attribution.document import read
from harness.views.terminal.attribution import Ground, effort, findings, grounds


class Finding(TypedDict):
    """The first wrong step and what it rests on, in words."""

    findings: list[tuple[str, str]]
    grounds: list[Ground]
    """way on, what it does, a sign for each step from 0, where it is lost"""
    effort: str


def finding(trial: Path) -> Finding | None:
    """Return what was found out about the trial in a folder; None where nothing was."""
    blame = read(trial)
    if blame is None:
        return None
    return Finding(
        findings=findings(blame),
        grounds=grounds(blame),
        effort=effort(blame),
    )
