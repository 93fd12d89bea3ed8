"""What the exec filter adds to an execution: `python tests/bench/exec_filter.py`.

The same loop of `/bin/true` in a sandbox's shell with the filter, and right before or after that
without, in many short rounds, since a machine is seldom equally fast for a whole second; then the
same where each execution is held until Python has decided.  It prints the medians of the rounds'
differences, their quartiles, and the targets, and ends with 1 if one is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from typing import NamedTuple

from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.containers.shell import Shell
from harness.containers.sidecars.exec_filter import Tree, open_exec_filter
from harness.library.library import Library
from harness.library.load import load
from harness.trial.resources import HELPERS

TARGETS = {"recorded": 0.0001, "held": 0.002}
"""Seconds that an execution may cost more."""


class Round(NamedTuple):
    """Seconds of one execution, without the filter and with it."""

    without: float
    filtered: float


def loop(shell: Shell, times: int, tree: Tree | None = None) -> float:
    """Run `/bin/true` that many times; return the seconds for one."""

    def tick() -> None:
        for call in tree.take() if tree is not None else ():
            if call.verb == "hit" and tree is not None:
                tree.answer(call)

    began = time.perf_counter()
    result = shell.run(f"for i in {{1..{times}}}; do /bin/true; done", seconds=120, tick=tick)
    took = time.perf_counter() - began
    if result.exit_code != 0:
        raise SystemExit(f"the loop ended with {result.exit_code}")
    return took / times


def rounds_of(
    plain: Shell, with_helpers: Shell, tree: Tree, rounds: int, times: int
) -> list[Round]:
    """Time both shells in turn, each first in every other round."""
    found = []
    for number in range(rounds):
        early = loop(plain, times) if number % 2 else None
        filtered = loop(with_helpers, times, tree)
        found.append(Round(loop(plain, times) if early is None else early, filtered))
    return found


def measured(rounds: int, times: int) -> dict[str, list[Round]]:
    """Return the rounds of recorded executions, and of held ones."""
    library: Library = load()
    from harness.containers.images.build import ensure  # noqa: PLC0415

    with Engine({"harness.run": "bench"}) as engine:
        folders = library.folders["sandbox"]
        images = ensure(engine.api, library.sandboxes, folders, [HELPERS, "workbench"])
        with (
            open_exec_filter(engine, images[HELPERS]) as exec_filter,
            engine.container(images["workbench"], ContainerSpec(name="bench")) as container,
            contextlib.closing(exec_filter.tree()) as tree,
            contextlib.closing(container.agent.shell()) as plain,
            contextlib.closing(container.agent.shell(exec_filter=tree)) as with_helpers,
        ):
            recorded = rounds_of(plain, with_helpers, tree, rounds, times)
            tree.rule(r"^/bin/true", "hold")
            held = rounds_of(plain, with_helpers, tree, rounds, max(1, times // 5))
    return {"recorded": recorded, "held": held}


def main() -> int:
    """Measure, print, and say whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument("--times", type=int, default=40, help="executions in a round")
    asked = parser.parse_args()
    found = measured(asked.rounds, asked.times)
    without = statistics.median(one.without for one in found["recorded"])
    print(f"an execution without the filter: {without * 1e3:.3f} ms")
    missed = False
    for name, target in TARGETS.items():
        low, added, high = statistics.quantiles(one.filtered - one.without for one in found[name])
        missed |= added >= target
        verdict = "met" if added < target else "MISSED"
        print(
            f"{name}: {added * 1e3:+.3f} ms, half of the rounds {low * 1e3:+.3f} to "
            f"{high * 1e3:+.3f} (target < {target * 1e3:g} ms: {verdict})"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
