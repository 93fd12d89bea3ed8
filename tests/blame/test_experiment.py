"""Whole experiments in real containers: runs with a planted step, and what is said of them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from harness.attribution import document
from harness.attribution.attribute import attribute
from harness.attribution.document import Blame
from harness.history.store import TrialFolder
from harness.library.library import Library
from harness.library.load import load
from harness.models.fault import NOOP
from harness.models.task import Pair
from harness.models.trial import AgentSpec, TrialSpec
from harness.planning.plan import spec_of
from harness.trial.resources import Resources, prepare, with_helpers
from harness.trial.trial import play

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from planted import Planted, planted

pytestmark = pytest.mark.container

Play = Callable[[TrialSpec], Blame]


@pytest.fixture(scope="module")
def library() -> Library:
    """Return the library that comes with the package."""
    return load()


@pytest.fixture(scope="module")
def shared(library: Library) -> Iterator[Resources]:
    """Return what the recorded trials share."""
    specs = [run.spec for run in planted(library)]
    with with_helpers(prepare(library, specs, "tests", print), specs, print) as made:
        yield made


@pytest.fixture
def found(library: Library, shared: Resources, tmp_path: Path) -> Play:
    """Return a function that plays a trial, blames it, and reads what was written."""

    def found(spec: TrialSpec) -> Blame:
        folder = TrialFolder(tmp_path / "trial")
        folder.path.mkdir()
        folder.write_spec(spec)
        play(spec, shared, folder, threading.Event())
        (told,) = attribute(library, [folder], jobs=1)
        assert document.read(folder.path) == told
        return told

    return found


def fixed(library: Library, task: str, commands: Sequence[str], pair: str = NOOP) -> TrialSpec:
    """Return a trial of fixed commands."""
    known = library.tasks[task]
    settings = {"commands": list(commands)}
    agent = AgentSpec(id="fixed", adapter="commands", settings=settings, deterministic=True)
    pairs = {each.name: each for each in known.faults} | {NOOP: Pair(fault=NOOP)}
    return spec_of(library, known, pairs[pair], agent)


def shortest(library: Library, task: str) -> Planted:
    """Return the shortest planted run of a task."""
    runs = [run for run in planted(library) if run.spec.task.id == task]
    return min(runs, key=lambda run: len(run.commands))


@pytest.mark.parametrize("task", ["fix-slug", "build-stats", "migrate-orders"])
def test_the_planted_step_is_found(library: Library, found: Play, task: str) -> None:
    """It is the point of no return, the value drop, and causal; the replays are few."""
    run = shortest(library, task)
    blame = found(run.spec)
    assert (blame.step, blame.no_return) == (run.step, run.step)
    assert blame.value_drop is not None
    assert blame.value_drop.step == run.step
    assert blame.necessity is not None
    assert blame.necessity.causal is True
    assert not any(way.scanned for way in blame.ways.values())
    assert blame.fidelity > 0.9


def test_what_met_the_fault_is_not_what_lost_the_trial(library: Library, found: Play) -> None:
    """The fault strikes in its recorded place; a later step makes an end of it."""
    solution = library.tasks["fix-slug"].solution
    ruin = "git update-ref -d refs/heads/feed-links"
    blame = found(fixed(library, "fix-slug", [*solution, ruin, "git status"], "git_index_locked"))
    assert (blame.exposed, blame.step) == (6, 8)
    assert set(blame.ways) == {"oracle", "afresh", "mended"}


def test_who_stops_early_has_lost_nothing(library: Library, found: Play) -> None:
    """Where a way on passes after the last step no step is blamed."""
    blame = found(fixed(library, "build-stats", ["ls", "cat README.md"]))
    assert (blame.step, blame.value_drop, blame.necessity) == (None, None, None)
    assert "nothing was lost" in blame.reason


def test_what_cannot_be_played_again_is_unknown(library: Library, found: Play) -> None:
    """Two steps end as chance has it: what lies behind them is a range and no step is blamed."""
    chance = '(exit "$((10#$(date +%N) / 1000 % 250))")'
    ruin = "truncate -s 100 data/api.txt"
    blame = found(fixed(library, "build-stats", ["ls", chance, chance, ruin, "ls"]))
    assert blame.step is None
    assert blame.between is not None
    assert blame.between[0] <= 2
    assert blame.necessity is None
