"""What the command gate adds to an execution: `python tests/bench/gate.py`.

The same loop of `/bin/true` in a sandbox's shell with the gate and without, in interleaved rounds;
then one where each execution is held until Python has decided.  It prints medians and the targets,
and ends with 1 if one is missed; on a busy machine it says little.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time

from harness.authoring.library import Library
from harness.authoring.load import load
from harness.kit import GATE
from harness.sandbox import commandgate
from harness.sandbox.commandgate import Tree
from harness.sandbox.container import Engine, Wish
from harness.sandbox.shell import Shell

SEEN_TARGET, HELD_TARGET = 0.0001, 0.002
"""Seconds that an execution may cost more: recorded, and held."""


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


def measured(rounds: int, times: int) -> tuple[float, float, float]:
    """Return the median seconds of an execution: without the gate, recorded, held."""
    library: Library = load()
    from harness.sandbox.images import ensure  # noqa: PLC0415

    with Engine({"harness.run": "bench"}) as engine:
        folders = library.folders["sandbox"]
        images = ensure(engine.api, library.sandboxes, folders, [GATE, "workbench"])
        with (
            commandgate.opened(engine, images[GATE]) as gate,
            engine.box(images["workbench"], Wish(name="bench")) as box,
            contextlib.closing(gate.tree()) as tree,
            contextlib.closing(box.shell()) as plain,
            contextlib.closing(box.shell(gate=tree)) as gated,
        ):
            pairs = [(loop(plain, times), loop(gated, times, tree)) for _ in range(rounds)]
            tree.rule(r"^/bin/true", "hold")
            held = [loop(gated, times // 5, tree) for _ in range(rounds)]
    without, recorded = (statistics.median(column) for column in zip(*pairs, strict=True))
    return without, recorded, statistics.median(held)


def main() -> int:
    """Measure, print, and say whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--times", type=int, default=500, help="executions in a round")
    asked = parser.parse_args()
    without, recorded, held = measured(asked.rounds, asked.times)
    rows = [
        ("recorded", recorded - without, SEEN_TARGET),
        ("held", held - without, HELD_TARGET),
    ]
    print(f"an execution without the gate: {without * 1e3:.3f} ms")
    for name, added, target in rows:
        verdict = "met" if added < target else "MISSED"
        print(f"{name}: +{added * 1e3:.3f} ms (target < {target * 1e3:g} ms: {verdict})")
    return 0 if all(added < target for _, added, target in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
