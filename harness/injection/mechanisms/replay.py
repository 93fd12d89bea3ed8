"""A recorded wrong prefix is played again: the agent starts where an earlier attempt left off.

The recording is an `events.jsonl` of ours.  Fidelity is the share of its steps whose exit code and
output (times, process ids and hex addresses made equal) come out the same.
"""

from __future__ import annotations

import re

from harness.containers.shell import Result
from harness.errors import SandboxError
from harness.history.events import Observation
from harness.history.reader import read
from harness.history.timeline import Timeline
from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget
from harness.models.values import Frozen, LocalPath


class Settings(Frozen):
    """`events`: a recording in the fault's own folder; `steps`: how many of its steps."""

    events: LocalPath = "events.jsonl"
    steps: int | None = None


COUNTS = False
HEALS = False
needs = base.needs_nothing
available = base.available
present = base.present
need = base.need
counted = base.counts_nothing
heal = base.heal_by_script
leave = base.nothing


def inject(target: InjectionTarget) -> Facts:
    """Play the recorded steps in the agent's shell, before the agent gets it."""
    settings = Settings.model_validate(target.fault.settings)
    if target.assets is None or target.act is None:
        why = "a replay needs its recording, and the trigger `start`"
        raise SandboxError(f"{target.fault.id}: {why}")
    steps = Timeline(read(target.assets / settings.events)).steps
    recorded = [(s.command, s.observation) for s in steps if s.observation is not None]
    equal = [alike(seen, target.act(command)) for command, seen in recorded[: settings.steps]]
    return {"steps": len(equal), "fidelity": round(sum(equal) / max(len(equal), 1), 4)}


def alike(seen: Observation, result: Result) -> bool:
    """Say whether a step came out as recorded."""
    return seen.exit_code == result.exit_code and all(
        normal(then) == normal(now.decode(errors="backslashreplace"))
        for then, now in ((seen.stdout, result.stdout), (seen.stderr, result.stderr))
    )


_CHANGING = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b\d\d:\d\d(:\d\d)?(\.\d+)?\b|\b\d+\.\d+ ?m?s\b|\bpid \d+\b"
    r"|\b[0-9a-f]{7,64}\b|0x[0-9a-f]+|line \d+"
)


def normal(text: str) -> str:
    """Make equal what differs from run to run: dates, durations, ids, line numbers of the shell."""
    return _CHANGING.sub("~", text).strip()
