"""Intervals and rates: figures with known answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis import metrics
from harness.analysis.stats import wilson
from harness.models.verdict import Outcome, Verdict


@pytest.mark.parametrize(
    ("hits", "trials", "expected"),
    [
        pytest.param(0, 0, None, id="no trials"),
        pytest.param(0, 10, (0.0, 0.27753), id="none of ten"),
        pytest.param(10, 10, (0.72247, 1.0), id="all of ten"),
        pytest.param(81, 263, (0.25527, 0.36620), id="a published example: 81 of 263"),
        pytest.param(15, 148, (0.06243, 0.16053), id="a published example: 15 of 148"),
    ],
)
def test_wilson(hits: int, trials: int, expected: tuple[float, float] | None) -> None:
    """The Wilson interval equals published values (Newcombe 1998, table I, and the closed form)."""
    found = wilson(hits, trials)
    assert (found is None) is (expected is None)
    assert found == (expected and pytest.approx(expected, abs=5e-5))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_in_its_interval(row: tuple[int, int]) -> None:
    """The interval holds the share, lies within [0, 1], and mirrors that of the misses."""
    hits, trials = row
    low, high = wilson(hits, trials) or (2.0, -1.0)
    other_low, other_high = wilson(trials - hits, trials) or (2.0, -1.0)
    assert 0 <= low <= hits / trials <= high <= 1
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high))


def verdict(
    trial: str,
    outcome: Outcome,
    times: dict[str, float] | None = None,
    *,
    exposed: bool | None = True,
) -> Verdict:
    """Return a verdict with this outcome; times that are not given are unknown."""
    known = {"injected_at": None, "exposed_at": None, "noticed_at": None, "recovered_at": None}
    return Verdict.model_validate(
        {
            "trial": trial,
            "task": "t",
            "fault": "f",
            "pair": "f",
            "agent": "a",
            "attempt": 1,
            "seed": 0,
            "outcome": outcome,
            "solved": None,
            "repaired": None,
            "harmed": None,
            "exposed": exposed,
            "noticed": None,
            "claimed": None,
            "false_success": None,
            **known,
            **(times or {}),
            "steps": 1,
            "seconds": 1.0,
            "reason": "",
            "judge": 1,
        }
    )


MANY = [
    verdict("1", Outcome.RECOVERED),
    verdict("2", Outcome.WORKED_AROUND),
    verdict("3", Outcome.MISSED),
    verdict("4", Outcome.HARMFUL),
    verdict("5", Outcome.REPORTED),
    verdict("6", Outcome.DETECTED),
    verdict("7", Outcome.INVALID),
    verdict("8", Outcome.UNEXPOSED, exposed=False),
    verdict("9", Outcome.RECOVERED, exposed=False),
    verdict("10", Outcome.PASSED, exposed=None),
    verdict("11", Outcome.HARMFUL, exposed=None),
    verdict("12", Outcome.FAILED, exposed=None),
    verdict("13", Outcome.INVALID, exposed=None),
]
UNFIXABLE = {"5", "6", "7"}


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        pytest.param(metrics.recovery(MANY, UNFIXABLE), (2, 4), id="recovery: 1 2 of 1 2 3 4"),
        pytest.param(metrics.reporting(MANY, UNFIXABLE), (1, 2), id="reporting: 5 of 5 6"),
        pytest.param(metrics.control(MANY), (1, 3), id="control: 10 of 10 11 12"),
        pytest.param(metrics.recovery([]), (0, 0), id="nothing"),
    ],
)
def test_rates(rate: metrics.Rate, expected: tuple[int, int]) -> None:
    """Invalid and unexposed trials count nowhere, each other one in exactly one rate."""
    assert (rate.hits, rate.trials) == expected


def test_a_rate_of_nothing_is_unknown() -> None:
    """Without trials there is neither a share nor an interval."""
    assert metrics.rate([]).model_dump() == {
        "hits": 0,
        "trials": 0,
        "share": None,
        "low": None,
        "high": None,
    }


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param({}, (None, None), id="unknown"),
        pytest.param(
            {"exposed_at": 2.0, "noticed_at": 2.5, "recovered_at": 5.0}, (0.5, 3.0), id="known"
        ),
        pytest.param({"injected_at": -1.0, "recovered_at": 1.0}, (None, 2.0), id="never exposed"),
    ],
)
def test_times(times: dict[str, float], expected: tuple[float | None, float | None]) -> None:
    """Times to notice and to recover count from the exposure, else from the strike."""
    each = verdict("1", Outcome.RECOVERED, times)
    assert (metrics.to_notice(each), metrics.to_recover(each)) == expected
