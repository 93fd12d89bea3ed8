"""How many agents that think fit on this machine: `slow_agents.py [AGENTS] [STEPS] [SECONDS]`.

Each agent waits so many seconds before each of its steps, as a model does.  One of them is played
alone first, in the same run: all at once should take little more, set-up included.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from harness import api
from harness.models.trial import TrialSpec
from harness.trial.scheduler import capacity

THINKS = """\
import sys, time
for number, line in enumerate(sys.stdin):
    time.sleep(float(sys.argv[2]))
    last = number >= int(sys.argv[1])
    print('{"final": "STATUS: done"}' if last else '{"command": "date; ls -la"}', flush=True)
    if last:
        break
"""


def specs_of(agents: int, steps: int, seconds: float, folder: Path) -> list[TrialSpec]:
    """Return as many trials of one task, in which nothing goes wrong."""
    (folder / "thinks.py").write_text(THINKS)
    command = [sys.executable, str(folder / "thinks.py"), str(steps), str(seconds)]
    agent = folder / "slow.yaml"
    agent.write_text(json.dumps({"adapter": "program", "command": command}))
    wanted = api.select(
        tasks=["weekly-report"], faults=["noop"], agents=[str(agent)], attempts=agents
    )
    return api.plan(api.load(), wanted)


def took(specs: list[TrialSpec], folder: Path) -> float:
    """Play trials and return the seconds that the agents' part of the run took, set-up included."""
    began = time.monotonic()
    record = api.run(api.load(), specs, folder)
    wrong = [v.trial for v in record.finished().values() if v.steps != int(STEPS)]
    assert not wrong, wrong
    return time.monotonic() - began


AGENTS, STEPS, SECONDS = (*sys.argv[1:], *("40", "40", "3")[len(sys.argv) - 1 :])


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specs = specs_of(int(AGENTS), int(STEPS), float(SECONDS), folder)
        alone = took(specs[:1], folder / "alone")
        together = took(specs, folder / "together")
    print(f"{AGENTS} agents, {STEPS} steps of {SECONDS} s, {os.cpu_count()} processors,"
          f" {capacity(specs)} at once")  # fmt: skip
    print(f"one alone {alone:.1f} s, all {together:.1f} s: {together / alone:.2f} of one alone")


if __name__ == "__main__":
    main()
