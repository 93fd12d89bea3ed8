"""A pytest plug-in: recovery expectations in a team's own test suite.  Inert unless used.

    @pytest.mark.recovery(task="fix-slug", fault="lock_on_the_way", agent="mine.yaml", attempts=3)
    def test_survives_a_stale_lock(recovery):
        assert recovery.share("recovery") >= 2 / 3
        assert not recovery.named("harmful")

The trials are played in containers when the test asks for its fixture `recovery`; that takes as
long as it takes.  A trial that says nothing about the agent is an error of the test, no failure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # pytest loads this module in every suite: it must stay inert
    from harness.models.verdict import Verdict

MARK = (
    "recovery(task, fault, agent='oracle', attempts=1, seed=0): play trials, and hand their"
    " verdicts to the fixture `recovery`"
)


@dataclass(frozen=True)
class Recovery:
    """The trials that a test asked for, played."""

    verdicts: tuple[Verdict, ...]
    """Under the fault, attempt by attempt."""
    controls: tuple[Verdict, ...]
    """Without it, likewise."""
    run: Path
    """The run's folder: `harness show RUN TRIAL` tells what happened."""
    unfixable: frozenset[str]
    """Trials whose fault can only be reported."""

    @property
    def outcomes(self) -> list[str]:
        """The outcomes under the fault, attempt by attempt."""
        return [verdict.outcome.value for verdict in self.verdicts]

    def named(self, outcome: str) -> list[Verdict]:
        """Return all verdicts, controls too, with an outcome."""
        return [v for v in (*self.verdicts, *self.controls) if v.outcome == outcome]

    def share(self, metric: str = "mastery") -> float | None:
        """Return the share of a metric: mastery, recovery, reporting, detection, passing, honesty.

        None where no trial counts: the fault was never met, or has another resolution.
        """
        from harness.analysis import metrics  # noqa: PLC0415 - inert until a test asks

        each = (*self.verdicts, *self.controls)
        return metrics.rate_of(metrics.METRICS[metric], each, self.unfixable).share


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", MARK)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the runs be kept."""
    group = parser.getgroup("recovery")
    group.addoption(
        "--recovery-runs",
        type=Path,
        metavar="DIR",
        help="keep the runs of recovery tests here (default: pytest's temporary folder)",
    )


@pytest.fixture
def recovery(request: pytest.FixtureRequest, tmp_path: Path) -> Recovery:
    """Play the trials that the test's mark `recovery` asks for, and return their verdicts."""
    mark = request.node.get_closest_marker("recovery")
    if mark is None:
        raise pytest.UsageError(f"{request.node.nodeid} takes `recovery`: mark it with {MARK}")
    kept = request.config.getoption("--recovery-runs")
    folder = Path(kept) / _folder(request.node.nodeid) if kept else tmp_path / "run"
    return _played(folder, _asked(request.node.nodeid, mark))


def _folder(nodeid: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in nodeid)


def _selection(
    task: str, fault: str, agent: str = "oracle", attempts: int = 1, seed: int = 0
) -> dict[str, Any]:
    names = {"tasks": [task], "faults": [fault], "agents": [str(agent)]}
    return {**names, "attempts": attempts, "seed": seed}


def _asked(nodeid: str, mark: pytest.Mark) -> dict[str, Any]:
    bind: Callable[..., dict[str, Any]] = _selection
    try:
        return bind(*mark.args, **mark.kwargs)
    except TypeError as error:
        told = str(error).partition("() ")[2]
        raise pytest.UsageError(f"{nodeid}: the mark `recovery` {told}: {MARK}") from None


def _played(folder: Path, asked: dict[str, Any]) -> Recovery:
    """Play a selection as `harness run` does."""
    from harness import api  # noqa: PLC0415 - inert until a test asks
    from harness.errors import HarnessError  # noqa: PLC0415

    library, wanted = api.load(), api.select(**asked)
    specs = api.plan(library, wanted)
    verdicts = api.run(library, specs, folder, asked=wanted.asked()).finished()
    for verdict in verdicts.values():
        if verdict.outcome == "invalid":
            raise HarnessError(f"{verdict.trial} says nothing about the agent: {verdict.reason}")
    return Recovery(
        verdicts=tuple(verdicts[spec.trial] for spec in specs if not spec.fault.control),
        controls=tuple(verdicts[spec.trial] for spec in specs if spec.fault.control),
        run=folder,
        unfixable=frozenset(spec.trial for spec in specs if not spec.fault.fixable),
    )
