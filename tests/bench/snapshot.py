"""What a snapshot would spare `harness blame`: `python tests/bench/snapshot.py`.

A state after k steps can be had by playing k steps in a fresh container, or from an image that the
engine made of a container at that point.  Prints the medians of both, on a quiet machine or not.
"""

from __future__ import annotations

import statistics
import sys
import time

from harness.agents.registry import find_agent
from harness.agents.scripted import LOOK_AROUND
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.library.load import load
from harness.models.fault import NOOP
from harness.models.task import Pair
from harness.models.trial import TrialSpec
from harness.planning.plan import spec_of
from harness.trial.environment import environment, provision
from harness.trial.resources import Resources, prepare

TASKS, TIMES = ("fix-slug", "build-stats", "weekly-report"), 3


def main() -> None:
    """Measure, and print the medians in seconds."""
    library, agent = load(), find_agent("oracle")
    specs = [spec_of(library, library.tasks[t], Pair(fault=NOOP), agent) for t in TASKS]
    made = prepare(library, specs, "snapshot", lambda text: print(text, file=sys.stderr))
    rows: dict[str, list[float]] = {}
    for spec in specs * TIMES:
        measure(spec, made, rows)
    for name, seconds in rows.items():
        print(f"{statistics.median(seconds):7.3f} s  {name}  ({len(seconds)} times)")


def measure(spec: TrialSpec, made: Resources, rows: dict[str, list[float]]) -> None:
    """Play a task's solution, take a snapshot of what it leaves, and start from it."""

    def since(began: float, name: str) -> None:
        rows.setdefault(name, []).append(time.monotonic() - began)

    with Engine({"harness.run": made.run}) as engine:
        began = time.monotonic()
        with environment(spec, made, engine) as world:
            container = world["sandbox"]
            provision(spec, made, container.probes)
            since(began, "a fresh container with the task in it")
            shell = container.agent.shell(user=container.spec.user, cwd=spec.task.workdir)
            for command in (*spec.task.solution, LOOK_AROUND):
                began = time.monotonic()
                shell.run(command, seconds=60)
                since(began, "a step played again")
            shell.close()
            began = time.monotonic()
            image = engine.api.commit(container.id)["Id"]
            since(began, "a snapshot")
        try:
            began = time.monotonic()
            with engine.container(
                image, ContainerSpec(name="snapshot", user=spec.sandbox.user)
            ) as container:
                container.probes.ask("true")
                since(began, "a container from the snapshot")
        finally:
            engine.api.remove_image(image, force=True)


if __name__ == "__main__":
    main()
