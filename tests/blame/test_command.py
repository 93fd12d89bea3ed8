"""`harness blame`: which trials it takes, what it refuses, and what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from harness.attribution.attribute import attribute
from harness.attribution.document import Blame, Drop, Necessity, went_wrong
from harness.attribution.search import read
from harness.commands.blame import blame
from harness.errors import InputError, NothingSelected
from harness.history.store import Run, TrialFolder
from harness.library.load import load
from harness.models.fault import NOOP
from harness.models.task import Pair
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.verdict import Outcome, Verdict
from harness.planning.plan import spec_of
from harness.views.terminal.attribution import blame_text, effort, findings, grounds


def spec() -> TrialSpec:
    """Return a trial of the library."""
    library = load()
    agent = AgentSpec(id="idle", adapter="scripted", settings={"policy": "idle"})
    return spec_of(library, library.tasks["build-stats"], Pair(fault=NOOP), agent)


def verdict(outcome: Outcome, *, solved: bool | None) -> Verdict:
    """Return a verdict with such an outcome."""
    return Verdict(
        trial="t", task="t", fault="f", pair="f", agent="a", attempt=1, seed=0, outcome=outcome,
        solved=solved, repaired=None, harmed=None, exposed=None, noticed=None, claimed="done",
        false_success=None, injected_at=None, exposed_at=None, noticed_at=None, recovered_at=None,
        steps=1, seconds=1.0, reason="r", judge=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "solved", "wrong"),
    [
        pytest.param(Outcome.MISSED, False, True, id="not solved"),
        pytest.param(Outcome.UNEXPOSED, False, True, id="not solved, and no fault was met"),
        pytest.param(Outcome.HARMFUL, True, True, id="solved, with damage"),
        pytest.param(Outcome.RECOVERED, True, False, id="solved"),
        pytest.param(Outcome.REPORTED, False, False, id="rightly reported"),
        pytest.param(Outcome.INVALID, False, False, id="says nothing"),
    ],
)
def test_what_went_wrong(outcome: Outcome, solved: bool, wrong: bool) -> None:
    """Trials that were not solved or did harm, unless saying so was the right answer."""
    assert went_wrong(verdict(outcome, solved=solved)) is wrong
    assert not went_wrong(None)


def test_a_run_in_which_nothing_went_wrong(tmp_path: Path) -> None:
    """There is nothing to blame: nothing ran, and that is said."""
    with Run.create(tmp_path / "run", {}) as run:
        folder = run.trial(spec())
        folder.finish(verdict(Outcome.PASSED, solved=True))
    for trial in (None, "build"):
        with pytest.raises(NothingSelected, match="nothing to blame"):
            blame(tmp_path / "run", trial)


@pytest.mark.parametrize("kind", ["task", "fault", "sandbox"])
def test_what_has_changed_is_refused(tmp_path: Path, kind: str) -> None:
    """A replay in another world would say nothing about the trial."""
    made = spec()
    folder = TrialFolder(tmp_path)
    folder.write_spec(made.model_copy(update={"digests": {**made.digests, kind: "other"}}))
    with pytest.raises(InputError, match=f"the {kind} .* has changed"):
        attribute(load(), [folder])


FOUND = Blame(
    trial="t+f+a+1",
    seed=1,
    steps=5,
    step=3,
    reason="before step 3 there is a way on that passes, after it none",
    exposed=2,
    no_return=3,
    between=None,
    value_drop=Drop(step=3, before=1.0, after=0.0),
    necessity=Necessity(causal=True, by="the trial passes without it"),
    ways={"oracle": read({0: True, 2: True, 3: False, 5: False}, 5, scanned=False)},
    changing=(1, 3),
    probes=(),
    fidelity=0.98,
    seconds=4.2,
)


def test_a_finding_in_words() -> None:
    """Names and words; a sign for each step that was asked about."""
    assert dict(findings(FOUND)) == {
        "first wrong step": "3 of 5: before step 3 there is a way on that passes, after it none",
        "causal": "yes: the trial passes without it",
        "met the fault": "step 2",
        "value drop": "3: from 100% of the ways on to 0%",
    }
    assert [(g.way, g.strip, g.lost) for g in grounds(FOUND)] == [("oracle", "✓·✓✗·✗", "lost at 3")]
    assert "98%" in effort(FOUND)
    assert "2 of 5 steps change anything" in effort(FOUND)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"step": None, "between": (2, 4)}, "unknown, 2 to 4, if any", id="a range"),
        pytest.param({"step": None, "between": (2, None)}, "unknown, 2 to 5", id="an open range"),
        pytest.param({"step": None}, "none", id="no step"),
    ],
)
def test_what_is_not_known_is_said(changes: dict[str, object], said: str) -> None:
    """A range where only that is known, and nothing where nothing is to blame."""
    (_, words), *_ = findings(FOUND.model_copy(update=changes))
    assert words.startswith(said)


def test_the_text_shows_the_command_and_no_escape_sequence() -> None:
    """What an agent typed is written out, however it is made."""
    console = Console(width=100, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(blame_text(FOUND, spec(), verdict(Outcome.MISSED, solved=False), "rm\x1b[2J"))
    assert "$ rm\\x1b[2J" in captured.get()
    assert "\x1b" not in captured.get()
