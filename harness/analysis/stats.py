"""Intervals and tests for shares, from the standard library alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from math import atan, comb, cos, nextafter, pi, sin, sqrt
from statistics import NormalDist
from typing import NamedTuple, TypeVar

T = TypeVar("T")

Bounds = tuple[float, float]
"""low, high"""


class Fourfold(NamedTuple):
    """Shares of pairs: both succeed, only the new one, only the old one, neither; they sum to 1."""

    both: float
    new: float
    old: float
    neither: float


def wilson(hits: int, trials: int, confidence: float = 0.95) -> Bounds | None:
    """Return the Wilson score interval (low, high) for the share hits / trials; None for no trials.

    centre = (p + z²/2n) / (1 + z²/n), half width = z √(p(1-p)/n + z²/4n²) / (1 + z²/n), with
    p = hits / n and z the normal quantile of (1 + confidence) / 2.  Source: E. B. Wilson, Probable
    inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    return score(hits / trials, trials, normal((1 - confidence) / 2)) if trials else None


def score(share: float, size: float, z: float) -> Bounds:
    """Return Wilson's interval for a share of a sample whose size need not be whole."""
    scale = 1 + z * z / size
    centre = (share + z * z / (2 * size)) / scale
    half = z * sqrt(share * (1 - share) / size + (z / (2 * size)) ** 2) / scale
    low = 0.0 if share == 0 else max(0.0, centre - half)
    return low, 1.0 if share == 1 else min(1.0, centre + half)


def newcombe(new: float, new_size: float, old: float, old_size: float, z: float) -> Bounds:
    """Return an interval for new - old, the shares of two independent samples.

    With d = new - old and (l, u) each share's score interval:
    d - √((new - l_new)² + (u_old - old)²), d + √((u_new - new)² + (old - l_old)²).
    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    return _square_and_add(new, score(new, new_size, z), old, score(old, old_size, z), 0.0)


def newcombe_paired(pairs: Fourfold, size: float, z: float) -> Bounds:
    """Return an interval for new - old, two shares of the same pairs; `size` pairs.

    As for independent samples, less 2 φ times the product of the two distances under each root,
    φ being the fourfold table's correlation, shrunk by n/2 where it is positive.  Source: R. G.
    Newcombe, Improved confidence intervals for the difference between binomial proportions based
    on paired data, Statistics in Medicine 17 (1998) 2635-2650, method 10.
    """
    new, old = pairs.both + pairs.new, pairs.both + pairs.old
    cross = pairs.both * pairs.neither - pairs.new * pairs.old
    shrunk = max(cross - 1 / (2 * size), 0.0) if cross > 0 else cross
    margins = sqrt(max(new * (1 - new) * old * (1 - old), 0.0))
    phi = shrunk / margins if margins > 0 else 0.0
    return _square_and_add(new, score(new, size, z), old, score(old, size, z), phi)


def _square_and_add(new: float, of_new: Bounds, old: float, of_old: Bounds, phi: float) -> Bounds:
    def distance(one: float, other: float) -> float:
        return sqrt(max(one * one - 2 * phi * one * other + other * other, 0.0))

    low = new - old - distance(new - of_new[0], of_old[1] - old)
    high = new - old + distance(of_new[1] - new, old - of_old[0])
    return max(-1.0, low), min(1.0, high)


def mcnemar(better: int, worse: int) -> float:
    """Return the exact two-sided p-value for pairs of which only one side succeeded.

    2 P(X <= min(b, c)), X ~ Binomial(b + c, 1/2), at most 1.  Source: Q. McNemar, Psychometrika 12
    (1947), in its exact form.
    """
    discordant = better + worse
    tail = sum(comb(discordant, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / (1 << discordant))


def holm(items: Collection[T], rejects: Callable[[T, float], bool], alpha: float) -> list[T]:
    """Return the items that are rejected so that any false rejection has a chance <= alpha.

    Step down: an item falls when its own test rejects at alpha / (items still standing).  Source:
    S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6 (1979).
    """
    standing = list(items)
    fallen: list[T] = []
    while hit := [item for item in standing if rejects(item, alpha / len(standing))]:
        fallen += hit
        standing = [item for item in standing if item not in hit]
    return fallen


def pass_at_k(hits: int, trials: int, k: int) -> float | None:
    """Return the chance that of k attempts at least one succeeds; None for fewer than k trials.

    1 - C(n - c, k) / C(n, k), unbiased.  Source: M. Chen et al., Evaluating large language models
    trained on code, 2021.
    """
    return 1 - comb(trials - hits, k) / comb(trials, k) if 0 < k <= trials else None


def pass_hat_k(hits: int, trials: int, k: int) -> float | None:
    """Return the chance that all of k attempts succeed (pass^k); None for fewer than k trials.

    C(c, k) / C(n, k), unbiased.  Source: S. Yao et al., tau-bench, 2024.
    """
    return comb(hits, k) / comb(trials, k) if 0 < k <= trials else None


def kaplan_meier(times: Iterable[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Return the survival curve: (time, share still waiting from then on), a step an event.

    `times` are (seconds, happened); False: not yet when the watch ended (right-censored).
    S(t) = Π (1 - events / at risk) over the times up to t.  Source: E. L. Kaplan and P. Meier,
    Nonparametric estimation from incomplete observations, JASA 53 (1958).
    """
    each = sorted(times)
    curve: list[tuple[float, float]] = []
    share = 1.0
    for time in sorted({time for time, happened in each if happened}):
        at_risk = sum(t >= time for t, _ in each)
        events = sum(happened for t, happened in each if t == time)
        share *= 1 - events / at_risk
        curve.append((time, share))
    return curve


def median(curve: Sequence[tuple[float, float]]) -> float | None:
    """Return the first time at which at most half are still waiting; None: never seen."""
    return next((time for time, share in curve if share <= nextafter(0.5, 1)), None)


# --- quantiles -----------------------------------------------------------------------------


@lru_cache
def normal(tail: float) -> float:
    """Return the normal distribution's quantile with `tail` above it."""
    return NormalDist().inv_cdf(1 - tail)


@lru_cache(maxsize=4096)
def student(tail: float, freedom: int) -> float:
    """Return Student's quantile with `tail` (< 1/2) above it; infinite without freedom.

    By bisection; the distribution has a closed form for whole degrees of freedom.  Source: M.
    Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    if freedom < 1:
        return float("inf")
    low, high = 0.0, 1.0
    while (1 - _within(high, freedom)) / 2 > tail:
        low, high = high, 2 * high
    for _ in range(80):
        middle = (low + high) / 2
        if (1 - _within(middle, freedom)) / 2 > tail:
            low = middle
        else:
            high = middle
    return high


def _within(t: float, freedom: int) -> float:
    """Return P(|T| <= t)."""
    angle = atan(t / sqrt(freedom))
    odd = freedom % 2
    term = cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for j in range(2 + odd, freedom - 1, 2):
        term *= cos(angle) ** 2 * (j - 1) / j
        total += term
    if odd:
        return 2 / pi * (angle + sin(angle) * total)
    return sin(angle) * total
