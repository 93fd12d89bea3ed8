"""Clustered intervals keep the error rates they promise, measured by simulation."""

from __future__ import annotations

import math
import random
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from harness.analysis.clustered import (
    FLAWLESS,
    UNCHANGED,
    Counted,
    Couple,
    bootstrap,
    difference,
    least_tasks,
    share,
)
from harness.analysis.stats import score, student

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHA = 0.05
ROUNDS = 1200
TOLERANCE = 2.33 * math.sqrt(ALPHA * (1 - ALPHA) / ROUNDS)
"""A true error rate of 5 % is exceeded by more than this in one simulation of a hundred."""

Rates = tuple[float, float]
"""a task's true rates: new, old"""


def logistic(x: float) -> float:
    """Return the share at a logit."""
    return 1 / (1 + math.exp(-x))


def even(_: random.Random, drop: float) -> Rates:
    """Let every task drop by the same."""
    return 0.8 - drop, 0.8


def some_break(chance: random.Random, drop: float) -> Rates:
    """Break a few tasks altogether and leave the rest."""
    return (0.0 if chance.random() < drop / 0.9 else 0.9), 0.9


def mixed(chance: random.Random, drop: float) -> Rates:
    """Let all tasks drop a little, and break a few: hard to see in a sample."""
    little = drop / 2
    broken = chance.random() < (drop - little) / (0.95 - little)
    return (0.0 if broken else 0.95 - little), 0.95


def unlike(chance: random.Random, drop: float) -> Rates:
    """Take tasks of very different difficulty (logit sd 2), of which some drop more than others."""
    old = logistic(1.5 + chance.gauss(0, 2))
    return old * (1 - drop * 2 * chance.random() / 0.717), old


def drawn(chance: random.Random, rate: float, trials: int) -> float:
    """Return a share of successes."""
    return sum(chance.random() < rate for _ in range(trials)) / trials


def couples(
    chance: random.Random,
    of_task: Callable[[random.Random, float], Rates],
    drop: float,
    shape: tuple[int, int, int],
) -> list[Couple]:
    """Return a comparison: tasks x faults x attempts."""
    tasks, faults, trials = shape
    rows = []
    for task in range(tasks):
        new, old = of_task(chance, drop)
        for _ in range(faults):
            played = drawn(chance, new, trials), drawn(chance, old, trials)
            rows.append(Couple(str(task), played[0], trials, played[1], trials))
    return rows


SHAPES = [
    pytest.param((20, 1, 1), id="20 tasks, a fault each, one attempt"),
    pytest.param((20, 3, 2), id="20 tasks, three faults each, two attempts"),
    pytest.param((40, 1, 3), id="40 tasks, a fault each, three attempts"),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("of_task", [even, some_break, mixed, unlike])
def test_error_rates_of_a_difference(
    of_task: Callable[[random.Random, float], Rates], shape: tuple[int, int, int]
) -> None:
    """A drop of exactly the margin is called smaller, or larger, in at most 5 % of runs each."""
    chance = random.Random(f"{of_task.__name__} {shape}")
    low = high = 0
    for _ in range(ROUNDS):
        bounds = difference(couples(chance, of_task, 0.15, shape)).bounds(ALPHA)
        low += bounds[0] > -0.15
        high += bounds[1] < -0.15
    assert low / ROUNDS <= ALPHA + TOLERANCE
    assert high / ROUNDS <= ALPHA + TOLERANCE


def test_the_simulated_drop_is_the_margin() -> None:
    """The simulated tasks lose 15 points on average, so that the tests above test something."""
    chance = random.Random(3)
    for of_task in (even, some_break, mixed, unlike):
        rows = [of_task(chance, 0.15) for _ in range(100_000)]
        assert sum(old - new for new, old in rows) / len(rows) == pytest.approx(0.15, abs=0.004)


@pytest.mark.parametrize("shape", SHAPES)
def test_equal_agents_are_seldom_called_worse(shape: tuple[int, int, int]) -> None:
    """Of equal agents the interval lies below -15 points, even below zero, in at most 5 %."""
    chance = random.Random(f"equal {shape}")
    margin = zero = 0
    for _ in range(ROUNDS):
        high = difference(couples(chance, unlike, 0.0, shape)).bounds(ALPHA)[1]
        margin += high < -0.15
        zero += high < 0
    assert margin == 0
    assert zero / ROUNDS <= ALPHA + TOLERANCE


def test_more_attempts_are_more_power() -> None:
    """Equal agents are recognised as such more often with more attempts, tasks and faults."""
    chance = random.Random(5)
    power = []
    for shape in [(25, 1, 1), (25, 4, 1), (25, 4, 3)]:
        many = [difference(couples(chance, unlike, 0.0, shape)) for _ in range(300)]
        power.append(sum(each.bounds(ALPHA)[0] > -0.15 for each in many) / 300)
    assert power[0] < 0.5 < power[1] < power[2]
    assert power[2] > 0.9


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("floor", [0.5, 0.8])
@pytest.mark.parametrize("kind", ["even", "all or nothing", "some fail"])
def test_error_rates_of_a_share(kind: str, floor: float, shape: tuple[int, int, int]) -> None:
    """An agent exactly at the floor is called above, or below it, in at most 5 % of runs each."""
    chance = random.Random(f"{kind} {floor} {shape}")
    tasks, faults, trials = shape
    ok = (1 + floor) / 2

    def rate() -> float:
        match kind:
            case "even":
                return floor
            case "all or nothing":
                return float(chance.random() < floor)
            case _:
                return ok if chance.random() < floor / ok else 0.0

    low = high = 0
    for _ in range(ROUNDS):
        rates = [rate() for _ in range(tasks)]
        cells = [
            Counted(str(i), drawn(chance, r, trials), trials)
            for i, r in enumerate(rates)
            for _ in range(faults)
        ]
        bounds = share(cells).bounds(ALPHA)
        low += bounds[0] > floor
        high += bounds[1] < floor
    assert low / ROUNDS <= ALPHA + TOLERANCE
    assert high / ROUNDS <= ALPHA + TOLERANCE


@pytest.mark.parametrize(
    ("margin", "tasks"),
    [
        pytest.param(0.05, 61, id="5 points"),
        pytest.param(0.10, 30, id="10 points"),
        pytest.param(0.15, 20, id="15 points"),
        pytest.param(0.50, 6, id="50 points"),
    ],
)
def test_the_least_number_of_tasks(margin: float, tasks: int) -> None:
    """With fewer tasks, a kind of task as frequent as the margin is missed too often."""
    assert least_tasks(lambda e, a: e.bounds(a)[0] > -margin, ALPHA, UNCHANGED) == tasks
    assert least_tasks(lambda e, a: e.bounds(a)[0] > 1 - margin, ALPHA, FLAWLESS) == tasks
    assert (1 - margin) ** tasks <= ALPHA


@pytest.mark.parametrize(
    ("tasks", "faults", "trials"), list(product([2, 20], [1, 4], [1, 10])), ids=str
)
def test_no_difference_anywhere(tasks: int, faults: int, trials: int) -> None:
    """Where every difference is zero a task counts once, however often it was played."""
    rows = [Couple(str(t), 1.0, trials, 1.0, trials) for t in range(tasks) for _ in range(faults)]
    found = difference(rows)
    assert (found.mean, found.size, found.tasks) == (0.0, tasks, tasks)
    assert found.bounds(ALPHA)[0] == pytest.approx(
        score(1.0, tasks, student(0.8 * ALPHA, tasks - 1))[0] - 1
    )


def test_one_task_says_nothing() -> None:
    """From a single task nothing follows for others; from none there is not even a mean."""
    assert share([Counted("t", 1.0, 50)]).bounds(ALPHA) == (0.0, 1.0)
    assert difference([Couple("t", 0.0, 50, 1.0, 50)]).bounds(ALPHA) == (-1.0, 1.0)
    assert share([]) is difference([]) is None


cells = st.builds(
    Counted,
    st.sampled_from("abcdefgh"),
    st.integers(0, 4).map(lambda k: k / 4),
    st.just(4),
)


@given(st.lists(cells, min_size=1, max_size=24), st.randoms(use_true_random=False))
def test_a_share_does_not_depend_on_order(rows: list[Counted], chance: random.Random) -> None:
    """The interval holds the mean, and the order of the cells is of no account."""
    found = share(rows)
    low, high = found.bounds(ALPHA)
    assert 0 <= low <= found.mean + 1e-12
    assert found.mean - 1e-12 <= high <= 1
    shuffled = chance.sample(rows, len(rows))
    assert share(shuffled).bounds(ALPHA) == pytest.approx((low, high))


def test_the_error_is_the_cluster_robust_one() -> None:
    """The standard error equals statsmodels' for a mean with clusters, but for its n/(n-1)."""
    chance = random.Random(11)
    rows = [Counted(str(t), chance.random(), 3) for t in range(12) for _ in range(1 + t % 4)]
    fit = OLS([r.share for r in rows], [[1.0]] * len(rows)).fit(
        cov_type="cluster",
        cov_kwds={"groups": [int(r.task) for r in rows], "use_correction": False},
    )
    assert share(rows).error == pytest.approx(fit.bse[0] * math.sqrt(12 / 11))


def test_bootstrap_draws_tasks() -> None:
    """Values that repeat within a task add nothing; the interval covers the mean as often."""
    chance = random.Random(1)
    tasks = [[chance.random()] for _ in range(30)]

    def mean(values: object) -> float:
        every = list(values)  # type: ignore[call-overload]
        return sum(every) / len(every)

    once = bootstrap(tasks, mean, random.Random(2))
    often = bootstrap([task * 50 for task in tasks], mean, random.Random(2))
    assert once == pytest.approx(often)
    assert once[0] < mean(t[0] for t in tasks) < once[1]
    assert bootstrap([], mean, random.Random(2)) is None
