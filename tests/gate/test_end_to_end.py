"""From real trials to exit codes: one agent is worse, one is equal, and two tasks are too few."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from harness.__main__ import main
from harness.history.store import Run
from harness.models.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path

FAULTS = (
    "stale_object_file",
    "mirror_gone",
    "lock_on_the_way",
    "killed_halfway",
    "config_crlf",
    "log_truncated",
)
"""Each strikes one task."""
WIDE = "rules:\n  - {name: mastery, max_drop: 0.5}\n  - {name: clean, max_drop: 0.5, of: passing}\n"
"""Six tasks are enough for a margin of 50 points."""


@pytest.mark.container
@pytest.mark.timeout(1200)
def test_two_agents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The oracle is the baseline: naive fails against it, the oracle again does not."""
    faults = [option for fault in FAULTS for option in ("-f", fault)]
    old, new = tmp_path / "old", tmp_path / "new"
    assert main(["run", *faults, "-a", "oracle", "-o", str(old)]) == 0
    assert main(["run", *faults, "-a", "oracle", "-a", "naive", "--seed", "1", "-o", str(new)]) == 0
    outcomes = {v.agent: v.outcome for v in Run.open(new).finished().values() if v.exposed}
    assert outcomes == {"oracle": Outcome.RECOVERED, "naive": Outcome.MISSED}
    baseline = tmp_path / "baseline.json"
    assert main(["baseline", str(old), "-o", str(baseline)]) == 0
    policy = tmp_path / "gate.yaml"
    policy.write_text(f"baseline: baseline.json\n{WIDE}")
    capsys.readouterr()

    def gated(*options: str) -> tuple[int, str]:
        code = main(["gate", str(new), *options])
        return code, capsys.readouterr().out.split("\n")[0]

    code, first = gated("-a", "naive", "--baseline", str(baseline))
    assert (code, first.split(" (")[0]) == (1, "FAIL  mastery 100% -> 0%, -100 points")
    assert gated("-a", "oracle", "--policy", str(policy))[0] == 0
    code, first = gated("-a", "oracle", "--baseline", str(baseline))
    assert code == 4
    assert re.match(r"INCONCLUSIVE  too few tasks, \d+ of the 20 that a PASS takes", first)
    assert gated("-a", "oracle")[0] == 0
    assert gated("-a", "naive")[0] == 1
