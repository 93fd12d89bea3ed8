"""How many set points fire on the routes of agents that nobody told: `set_points.py FOLDER...`.

Each trial found below the folders has its commands played again in a control trial of its task,
with the triggers of all the task's pairs under watch and nothing injected.  A set point is in time
when something of the agent's that does more than look comes after it.
"""

from __future__ import annotations

import io
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.agents.allowance import CutOff
from harness.agents.registry import find_agent
from harness.containers.engine import Engine
from harness.containers.sidecars.exec_calls import Call
from harness.errors import HarnessError
from harness.history.events import Event, Exec
from harness.history.store import TrialFolder
from harness.history.timeline import Timeline
from harness.history.writer import History
from harness.injection.nemesis import Nemesis
from harness.injection.watch import Watch
from harness.library.library import Library
from harness.library.load import load
from harness.models.fault import NOOP, Fault
from harness.models.task import Pair, Task
from harness.models.trial import TrialSpec
from harness.models.trigger import Trigger
from harness.planning.plan import resolve, spec_of
from harness.shelltext.programs import looks
from harness.trial.resources import Resources, prepare, with_helpers
from harness.trial.trial import stage

EVERY_KIND = Trigger.model_validate({"opened": "/no/such", "latest": {"connect": "no.such:1"}})
"""Lets the filter see every kind of call that a trigger may wait for."""
ROOM = {"steps": 10_000, "seconds": 36_000.0}


@dataclass(slots=True)
class Observed:
    """A nemesis that injects nothing, and notes where each trigger of a task's pairs fires."""

    nemesis: Nemesis
    history: History
    watches: dict[str, Watch]
    tree: object
    fired: dict[str, int] = field(default_factory=dict)
    """Pair -> its place in the history."""

    def arm(self) -> None:
        """Begin to watch."""
        for watch in self.watches.values():
            watch.arm()

    def at_exec_filter(self, call: Call) -> None:
        """Ask every trigger about a call."""
        now = self.history.now()
        waiting = self._waiting()
        if call.verb == "over":
            self._note(name for name, watch in waiting if watch.at_end(call.pid))
        elif call.verb == "hit":
            self._note(name for name, watch in waiting if watch.at_call(call, now))
            follow = any(watch.follows(call) for watch in self.watches.values())
            self.tree.answer(call, follow=follow)  # type: ignore[attr-defined]

    def watch(self, pending: str | None = None) -> None:
        """Ask every trigger at a moment without a call."""
        now, steps = self.history.now(), self.history.steps.all
        self._note(n for n, watch in self._waiting() if watch.at_look(steps, pending, now))

    def look(self, step: int, command: str, *, changed: bool, output: str) -> None:
        """Look at nothing: nothing is injected."""

    def _waiting(self) -> list[tuple[str, Watch]]:
        return [item for item in self.watches.items() if item[0] not in self.fired]

    def _note(self, names: Iterator[str]) -> None:
        for name in names:
            self.fired.setdefault(name, len(self.history.events))


def faults_of(library: Library, task: Task) -> dict[str, Fault]:
    """Return the faults of a task's pairs, as they would be injected."""
    return {pair.name: resolve(library.faults[pair.fault], pair, 0.5) for pair in task.faults}


def play(
    spec: TrialSpec, faults: dict[str, Fault], commands: Sequence[str], made: Resources
) -> tuple[dict[str, int], list[Event]]:
    """Play commands; return (pair -> where it fired, the history)."""
    history = History(io.StringIO(), time.monotonic)
    with (
        Engine(
            {"harness.run": "set-points", "harness.trial": spec.trial}, made.file_transfer
        ) as engine,
        stage(spec, made, engine, history, lambda _: "", threading.Event()) as ready,
    ):
        watches = {
            name: Watch(fault.when, ready.container.probes, ready.exec_filter)
            for name, fault in faults.items()
            if fault.when.kind != "start"
        }
        observed = Observed(ready.nemesis, history, watches, ready.exec_filter)
        observed.arm()
        ready.session._nemesis = observed
        ready.session.hand_over()
        for command in commands:
            try:
                ready.session.do(command)
            except CutOff:
                break
    return observed.fired, list(history.events)


def is_in_time(place: int, events: Sequence[Event]) -> bool:
    """Say whether something that does more than look comes after a place in the history."""
    later = (e for e in events[place:] if isinstance(e, Exec) and e.argv)
    return any(not looks(e.argv[0].rsplit("/", 1)[-1]) for e in later)


def main(folders: Sequence[str]) -> None:
    """Count, and name each that does not fire in time."""
    library, count, probe = load(), Counter[str](), find_agent("idle")
    found = sorted(path for folder in folders for path in Path(folder).glob("**/events.jsonl"))
    plays = [(path.parent.name.split("+")[0], TrialFolder(path.parent)) for path in found]
    plays = [(name, folder) for name, folder in plays if name in library.tasks]
    specs = {}
    for name, _ in plays:
        spec = spec_of(library, library.tasks[name], Pair(fault=NOOP), probe)
        limits = spec.task.limits.model_copy(update=ROOM)
        task = spec.task.model_copy(update={"limits": limits})
        fault = spec.fault.model_copy(update={"when": EVERY_KIND})
        specs[name] = spec.model_copy(update={"task": task, "fault": fault})
    wanted = list(specs.values())
    with with_helpers(prepare(library, wanted, "set-points", print), wanted, print) as made:
        for name, folder in plays:
            faults = faults_of(library, library.tasks[name])
            commands = [step.command for step in Timeline(folder.read_events()).steps]
            try:
                fired, events = play(specs[name], faults, commands, made)
            except HarnessError as error:
                print(f"{folder.path.name}: {error}")
                continue
            for pair, fault in faults.items():
                how = (
                    "at the start"
                    if fault.when.kind == "start"
                    else (
                        "never"
                        if pair not in fired
                        else "in time"
                        if is_in_time(fired[pair], events)
                        else "too late"
                    )
                )
                count[how] += 1
                if how in {"never", "too late"}:
                    print(f"{folder.path.name}: {pair}: {how}")
    whole = sum(count.values())
    print(f"{len(plays)} plays, {whole} set points:", dict(count))
    print(f"in time: {100 * (count['in time'] + count['at the start']) / max(1, whole):.1f} %")


if __name__ == "__main__":
    main(sys.argv[1:])
