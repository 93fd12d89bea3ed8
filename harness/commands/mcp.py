"""`harness mcp`: the sandbox of one trial as tools for any MCP-capable agent."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from harness.errors import InputError
from harness.history.store import Run
from harness.library.load import load
from harness.models.fault import NOOP
from harness.models.task import Pair
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.verdict import Outcome
from harness.planning.plan import spec_of
from harness.trial.resources import prepare, with_helpers
from harness.trial.trial import play
from harness.views.terminal.progress import say


def mcp(
    *,
    task: Annotated[str, Parameter(alias="-t", help="the task's id")],
    fault: Annotated[str, Parameter(alias="-f", help="a fault's id, or a pair's name")] = NOOP,
    out: Annotated[Path | None, Parameter(alias="-o", help="the run's folder")] = None,
) -> int:
    """Serve the sandbox on standard input and output: tools bash, read, write and status.

    The client's agent plays one trial; `status` ends it.  Exit code 0: there is a valid verdict;
    3: it is invalid.
    """
    from harness.agents import mcp as adapter  # noqa: PLC0415

    spec = plan_one(task, fault)
    adapter.ready(spec.agent)
    folder = out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-mcp"  # noqa: DTZ005 - for people
    with Run.create(folder, {"mcp": [spec.trial], "trials": [spec.trial]}) as record:
        made = prepare(load(), [spec], folder.name, say)
        with with_helpers(made, [spec], say) as armed:
            verdict = play(spec, armed, record.trial(spec), threading.Event())
        record.reindex()
    adapter.farewell()
    say(f"{verdict.outcome}: {verdict.reason}\nThe run is in {folder}.")
    return 3 if verdict.outcome is Outcome.INVALID else 0


def plan_one(task: str, fault: str) -> TrialSpec:
    """Return the one trial; `InputError` for a name that nothing has."""
    library = load()
    found = library.tasks.get(task)
    if found is None:
        raise InputError(f"no task is called `{task}` (`harness list tasks`)")
    pair = next((pair for pair in found.faults if pair.name == fault), None)
    if pair is None and fault not in library.faults:
        raise InputError(f"no fault is called `{fault}` (`harness list faults`)")
    agent = AgentSpec(id="mcp", adapter="mcp")
    return spec_of(library, found, pair or Pair(fault=fault), agent, declared=pair is not None)
