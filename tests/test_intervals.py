"""Intervals, tests and curves against published examples and against scipy and statsmodels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as oracle
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from harness.analysis.stats import (
    Fourfold,
    holm,
    kaplan_meier,
    mcnemar,
    median,
    newcombe,
    newcombe_paired,
    normal,
    pass_at_k,
    pass_hat_k,
    score,
    student,
    wilson,
)

Z = normal(0.025)
samples = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(samples, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_is_statsmodels(sample: tuple[int, int], confidence: float) -> None:
    """Wilson's interval equals the one of statsmodels."""
    expected = proportion_confint(*sample, alpha=1 - confidence, method="wilson")
    assert wilson(*sample, confidence) == pytest.approx(expected, abs=1e-12)


@given(samples, samples)
def test_newcombe_is_statsmodels(new: tuple[int, int], old: tuple[int, int]) -> None:
    """Newcombe's interval for two independent samples equals the one of statsmodels."""
    expected = confint_proportions_2indep(*new, *old, method="newcomb", compare="diff")
    found = newcombe(new[0] / new[1], new[1], old[0] / old[1], old[1], Z)
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param((36, 12, 2, 0), (0.0569, 0.3404), id="most pairs agree on success"),
        pytest.param((1, 1, 7, 12), (-0.5069, -0.0256), id="airway hyper-responsiveness, 21 pairs"),
        pytest.param((59, 6, 16, 80), (-0.1186, -0.0046), id="complete response, 161 pairs"),
        pytest.param((0, 0, 0, 50), (-0.0713, 0.0713), id="nothing ever succeeds"),
    ],
)
def test_newcombe_paired(counts: tuple[int, ...], expected: tuple[float, float]) -> None:
    """Newcombe's paired interval (method 10) has the published values."""
    size = sum(counts)
    found = newcombe_paired(Fourfold(*(n / size for n in counts)), size, Z)
    assert found == pytest.approx(expected, abs=5e-5)


tables = st.tuples(*[st.integers(0, 60)] * 4).filter(any)


@given(tables)
def test_swapping_the_sides_mirrors_the_interval(counts: tuple[int, int, int, int]) -> None:
    """The interval holds the difference, lies in [-1, 1], and mirrors when new and old swap."""
    size = sum(counts)
    both, new, old, neither = (n / size for n in counts)
    low, high = newcombe_paired(Fourfold(both, new, old, neither), size, Z)
    assert -1 <= low <= new - old + 1e-12
    assert new - old - 1e-12 <= high <= 1
    mirrored = newcombe_paired(Fourfold(both, old, new, neither), size, Z)
    assert (-mirrored[1], -mirrored[0]) == pytest.approx((low, high))


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_exact_binomial_test(better: int, worse: int) -> None:
    """McNemar's p-value equals scipy's exact binomial test of the discordant pairs."""
    pairs = better + worse
    expected = oracle.binomtest(better, pairs).pvalue if pairs else 1.0
    assert mcnemar(better, worse) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("p_values", "rejected"),
    [
        pytest.param([0.01, 0.02, 0.03, 0.5], [0.01], id="stops at the first that stands"),
        pytest.param([0.04, 0.01, 0.02], [0.01, 0.02, 0.04], id="each fall helps the next"),
        pytest.param([0.03, 0.04], [], id="two at the single level, none at the half"),
        pytest.param([], [], id="nothing to test"),
    ],
)
def test_holm(p_values: list[float], rejected: list[float]) -> None:
    """Holm's procedure steps down from alpha over the number of tests."""
    assert sorted(holm(p_values, lambda p, alpha: p <= alpha, 0.05)) == rejected


def test_student_is_scipy() -> None:
    """Student's quantile equals scipy's to ten digits, odd and even degrees of freedom alike."""
    for freedom in [*range(1, 41), 99, 100, 999]:
        for tail in (0.25, 0.05, 0.04, 0.01, 0.001):
            assert student(tail, freedom) == pytest.approx(oracle.t.isf(tail, freedom), rel=1e-10)


def test_without_freedom_the_quantile_is_infinite() -> None:
    """One task tells nothing about other tasks."""
    assert student(0.05, 0) == float("inf")


@pytest.mark.parametrize(
    ("hits", "trials", "k", "at", "hat"),
    [
        pytest.param(1, 4, 1, 0.25, 0.25, id="k = 1: the share"),
        pytest.param(2, 4, 2, 5 / 6, 1 / 6, id="two of four, twice"),
        pytest.param(4, 4, 3, 1.0, 1.0, id="always"),
        pytest.param(0, 4, 3, 0.0, 0.0, id="never"),
        pytest.param(3, 3, 4, None, None, id="too few trials"),
    ],
)
def test_pass_at_and_hat_k(
    hits: int, trials: int, k: int, at: float | None, hat: float | None
) -> None:
    """pass@k counts draws with a success, pass^k draws without a failure."""
    assert pass_at_k(hits, trials, k) == (at if at is None else pytest.approx(at))
    assert pass_hat_k(hits, trials, k) == (hat if hat is None else pytest.approx(hat))


@given(st.lists(st.tuples(st.integers(0, 9).map(float), st.booleans()), min_size=1, max_size=30))
def test_kaplan_meier_is_scipy(times: list[tuple[float, bool]]) -> None:
    """The survival curve equals scipy's empirical survival function, censored times included."""
    data = oracle.CensoredData(
        uncensored=[t for t, happened in times if happened],
        right=[t for t, happened in times if not happened],
    )
    expected = oracle.ecdf(data).sf
    events = {t for t, happened in times if happened}
    assert kaplan_meier(times) == [
        (t, pytest.approx(p))
        for t, p in zip(expected.quantiles, expected.probabilities, strict=True)
        if t in events
    ]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param([(1.0, True), (2.0, True), (3.0, True)], 2.0, id="the middle one"),
        pytest.param([(1.0, True), (9.0, False), (9.0, False)], None, id="most never did"),
        pytest.param([(1.0, True), (1.5, False), (4.0, True)], 4.0, id="one left the watch"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_median(times: list[tuple[float, bool]], expected: float | None) -> None:
    """The median is the first time by which half have happened; unknown if they never do."""
    assert median(kaplan_meier(times)) == expected


def test_a_share_of_a_broken_size() -> None:
    """The score interval takes effective sizes, which need not be whole."""
    narrow, wide = score(0.5, 20.5, Z), score(0.5, 20, Z)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
