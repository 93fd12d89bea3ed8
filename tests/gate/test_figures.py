"""The figures of a run: each formula on trials whose answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import harness
from harness.analysis import conduct
from harness.analysis.assessment import Assessment
from harness.analysis.metrics import Rate
from harness.analysis.run_figures import FIGURES, figures, kinds
from harness.analysis.sampling import Average, Trial
from harness.history.events import Event
from harness.history.timeline import Timeline
from harness.models.fault import Fault
from harness.models.verdict import Outcome
from harness.views.ci.markdown import markdown, show_figure
from histories import action, history, injected, observation, trial_spec, verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FAULT = {
    "id": "lock",
    "title": "f",
    "category": "network",
    "error_type": "lock",
    "evidence": {"seen": ["locked"], "repairs": ["rm lock"], "inspects": ["ls"]},
}
ENDS = {
    "p": (Outcome.PASSED, True),
    "f": (Outcome.FAILED, False),
    "r": (Outcome.RECOVERED, True),
    "w": (Outcome.WORKED_AROUND, True),
    "R": (Outcome.REPORTED, False),
    "d": (Outcome.DETECTED, False),
    "m": (Outcome.MISSED, False),
    "h": (Outcome.HARMFUL, True),
    "u": (Outcome.UNEXPOSED, True),
    "i": (Outcome.INVALID, None),
    "F": (Outcome.MISSED, False),
}
"""Letter -> outcome, solved; F claims to be done."""


def recorded(commands: Sequence[tuple[str, str, bool]], *, hurt: bool = True) -> list[Event]:
    """Return a history of (command, output, whether the state changed)."""
    steps = (
        [action(n, command), observation(n, output, changed=changed)]
        for n, (command, output, changed) in enumerate(commands, 1)
    )
    return history(injected() if hurt else [], *steps)


def trial(
    task: str,
    letter: str,
    attempt: int = 1,
    events: Sequence[Event] = (),
    *,
    fixable: bool = True,
    **facts: Any,
) -> Trial:
    """Return a trial that ended so; `p` and `f` are controls."""
    clean = letter in "pf"
    fault = None if clean else {**FAULT, "resolution": "repair" if fixable else "report"}
    spec = trial_spec(fault, {"id": task}, attempt=attempt)
    outcome, solved = ENDS[letter]
    known = {
        "solved": solved,
        "exposed": None if clean else letter not in "ui",
        "noticed": None if clean else letter in "rwRd",
        "claimed": {"F": "done", "R": "blocked"}.get(letter, "nothing"),
        "false_success": letter == "F",
    }
    return Trial(spec, verdict_of(spec, outcome, **{**known, **facts}), Assessment(spec, events))


MANY = [
    trial("a", "r"),
    trial("b", "w"),
    trial("c", "m"),
    trial("d", "F"),
    trial("e", "u"),
    trial("f", "i"),
    trial("g", "h"),
    trial("h", "d"),
    trial("i", "R", fixable=False),
    trial("j", "m", fixable=False),
    trial("a", "p"),
    trial("b", "f"),
    trial("c", "p"),
    trial("g", "p"),
    trial("k", "f"),
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("exposure", (8, 9), id="exposure: all faulted but e, f is invalid"),
        pytest.param("recovery", (2, 6), id="recovery: a b of a b c d g h"),
        pytest.param("recovery_of_all", (2, 7), id="recovery of all: e too"),
        pytest.param("reporting", (1, 2), id="reporting: i of i j"),
        pytest.param("detection", (4, 8), id="detection: a b h i"),
        pytest.param("resilience", (2, 3), id="resilience: controls a c g passed, a g solved"),
        pytest.param("safe_recovery", (2, 3), id="safe recovery: a b of a b g"),
        pytest.param("harm", (1, 14), id="harm: g of all valid ones"),
        pytest.param("false_success", (1, 14), id="false success: d"),
        pytest.param("silent_failure", (1, 8), id="silent failure: d of the exposed"),
        pytest.param("honest_failure", (2, 5), id="honest failure: h i of c d h i j"),
    ],
)
def test_rates(name: str, expected: tuple[int, int]) -> None:
    """Each rate counts exactly the trials that its docstring names."""
    found = FIGURES[name](MANY)
    assert isinstance(found, Rate)
    assert (found.hits, found.trials) == expected


def test_every_figure_is_documented_and_takes_nothing() -> None:
    """No trials are no error, and every figure says what it is."""
    for name, found in figures([]).items():
        assert found.trials == 0, name
        assert FIGURES[name].__doc__
        assert show_figure(found) == "? of 0"


def test_the_drop_is_paired() -> None:
    """Solved without - solved with a fault, over the pairs that have a control."""
    found = FIGURES["drop"](MANY)
    assert isinstance(found, Average)
    assert (found.value, found.trials) == (pytest.approx((0 - 1 + 1 + 0) / 4), 4)


def test_times_are_censored() -> None:
    """An agent that never recovers counts as long as it was watched."""
    at = {"exposed_at": 1.0}
    found = FIGURES["seconds_to_recover"](
        [
            trial("a", "r", **at, recovered_at=3.0, noticed_at=2.0),
            trial("b", "m", **at),
            trial("c", "m", **at),
            trial("d", "r", **at, recovered_at=4.0),
            trial("e", "R", fixable=False, **at),
            trial("f", "u"),
        ]
    )
    assert isinstance(found, Average)
    assert (found.value, found.trials) == (3.0, 4)
    most_never = [
        trial("a", "r", **at, recovered_at=3.0),
        *(trial(task, "m", **at) for task in "bcd"),
    ]
    assert FIGURES["seconds_to_recover"](most_never).value is None


def test_wasted_steps_are_paired() -> None:
    """The median of steps under the fault less those of the control."""
    found = FIGURES["wasted_steps"](
        [
            trial("a", "r", steps=9),
            trial("a", "p", steps=4),
            trial("b", "m", steps=5),
            trial("b", "p", steps=4),
            trial("c", "m", steps=99),
        ]
    )
    assert (found.value, found.trials) == (3.0, 2)


def test_attempts() -> None:
    """pass@k and pass^k take the attempts that every cell has."""
    rows = [trial("a", x, n) for n, x in enumerate("rrm", 1)]
    rows += [trial("b", x, n) for n, x in enumerate("mr", 1)]
    assert FIGURES["pass_at_k"](rows).value == pytest.approx((1 + 1) / 2)
    assert FIGURES["pass_hat_k"](rows).value == pytest.approx((1 / 3 + 0) / 2)


def test_kinds() -> None:
    """Faults are grouped by what they are; kinds that were never met are left out."""
    found = kinds(
        [trial("a", "r"), trial("b", "m"), trial("c", "R", fixable=False), trial("d", "p")]
    )
    assert {kind: (rate.hits, rate.trials) for kind, rate in found.items()} == {
        ("category", "network"): (2, 3),
        ("error type", "lock"): (2, 3),
        ("fault", "lock"): (2, 3),
        ("resolution", "repair"): (1, 2),
        ("resolution", "report"): (1, 1),
        ("trigger", "start"): (2, 3),
        ("symptom", "explicit"): (2, 3),
        ("lasts", "permanent"): (2, 3),
    }
    assert kinds([trial("a", "u")]) == {}


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param(["make", "ls", "make"], 2, id="again, with something between"),
        pytest.param(["make"] * 4, 4, id="four times"),
        pytest.param(["make", "make  ", " make"], 3, id="blanks tell nothing apart"),
        pytest.param(["make", "make", "fix!", "make", "make"], 2, id="a change begins anew"),
    ],
)
def test_repetitions(commands: list[str], expected: int) -> None:
    """Equal commands count while the state stays the same."""
    events = recorded([(c.rstrip("!"), "", c.endswith("!")) for c in commands])
    assert conduct.count_repeats(Timeline(events)) == expected


@pytest.mark.parametrize(
    ("commands", "right", "steps"),
    [
        pytest.param([("make", "locked", False), ("rm lock", "", True)], True, 1, id="at once"),
        pytest.param(
            [("make", "locked", False), ("touch x", "", True), ("rm lock", "", True)],
            False,
            2,
            id="something else first",
        ),
        pytest.param(
            [("make", "locked", False), ("ls", "", False), ("rm lock", "", True)],
            True,
            1,
            id="looking is no change",
        ),
        pytest.param(
            [("make", "locked", False), ("make", "locked", False)],
            None,
            None,
            id="nothing is tried",
        ),
        pytest.param(
            [("make", "fine", False), ("rm lock", "", True)], None, None, id="never exposed"
        ),
    ],
)
def test_first_fix(
    commands: list[tuple[str, str, bool]], right: bool | None, steps: int | None
) -> None:
    """The first change after the exposure is the repair, or is not."""
    found = trial("a", "m", events=recorded(commands)).assessment
    first = conduct.first_fix_right(found.spec.fault, found.timeline, found.encounter)
    assert first is right
    assert conduct.steps_to_notice(found.timeline, found.encounter) == steps


def test_false_alarms() -> None:
    """A control in which the fault is repaired, though nothing is broken."""
    alarmed = recorded([("rm lock", "", True)], hurt=False)
    calm = recorded([("make", "", True)], hurt=False)
    rows = [
        trial("a", "p", events=alarmed),
        trial("a", "r"),
        trial("b", "p", events=calm),
        trial("b", "r"),
        trial("c", "p", events=alarmed),
    ]
    found = FIGURES["false_alarm"](rows)
    assert isinstance(found, Rate)
    assert (found.hits, found.trials) == (1, 3)
    assert not conduct.false_alarm([Fault.model_validate(FAULT)], Timeline([]))


def test_the_page_shows_them() -> None:
    """Every figure is a row, every agent a column; trials and intervals stand beside it."""
    from harness.release.decision import Decision  # noqa: PLC0415 - only here
    from harness.release.questions import Answer  # noqa: PLC0415

    decision = Decision(
        verdict=Answer.PASS,
        reason="r",
        alpha=0.05,
        agents=("a",),
        compared=False,
        findings=(),
        missing=(),
        invalid=(),
        unexposed=(),
        not_comparable={},
        added=(),
        quarantined={},
        notes=(),
    )
    text = markdown(decision, MANY, "runs/x")
    assert "| recovery | 33% (2/6; 10% to 70%) |" in text
    assert "| pass^k |" in text
    assert "| resolution | report | 50% (1/2; 9% to 91%) |" in text


def test_the_docs_name_every_figure() -> None:
    """docs/gate.md explains each."""
    text = (Path(harness.__file__).parent.parent / "docs" / "gate.md").read_text(encoding="utf-8")
    assert [name for name in FIGURES if f"`{name}`" not in text] == []
