"""The search for the step behind which nothing passes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.attribution.search import Found, read, search

World = Sequence[bool | None]
"""What a way on does after k steps, k from 0."""


def asking(world: World) -> tuple[Callable[[int], bool | None], list[int]]:
    """Return the question to a world, and the list of what it was asked."""
    asked: list[int] = []

    def passes(k: int) -> bool | None:
        asked.append(k)
        return world[k]

    return passes, asked


def exhaustive(world: World) -> Found:
    """Ask every k."""
    return read(dict(enumerate(world)), len(world) - 1, scanned=True)


def monotone(steps: int, first: int) -> list[bool | None]:
    """Return a world in which everything before `first` passes, and nothing from there on."""
    return [k < first for k in range(steps + 1)]


steps_and_first = st.integers(1, 120).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(0, n + 1))
)
nears = st.none() | st.integers(-1, 130)
seeds = st.integers(0, 2**32)


@given(steps_and_first, nears, seeds)
def test_it_finds_what_the_exhaustive_scan_finds(
    shape: tuple[int, int], near: int | None, seed: int
) -> None:
    """In a world of passes before fails the answer is certain, and that of asking every k."""
    steps, first = shape
    world = monotone(steps, first)
    found = search(asking(world)[0], steps, random.Random(seed), near)
    assert found.certain
    assert found.step == exhaustive(world).step == (None if first > steps else first)
    assert not found.scanned


@given(steps_and_first, nears, seeds)
def test_it_is_cheap(shape: tuple[int, int], near: int | None, seed: int) -> None:
    """At most log2(n) + 3 k are asked, each once."""
    steps, first = shape
    passes, asked = asking(monotone(steps, first))
    found = search(passes, steps, random.Random(seed), near)
    assert len(asked) == len(set(asked)) == found.replays
    assert found.replays <= math.log2(steps) + 3


@pytest.mark.parametrize("steps", [2, 3, 7, 8, 31, 60])
def test_a_good_guess_costs_two_and_the_checks(steps: int) -> None:
    """Where the step is guessed right, only it, the one before and the checks are asked."""
    for first in range(2, 2 + 2 ** (steps.bit_length() - 1)):
        near = min(first, steps)
        found = search(asking(monotone(steps, near))[0], steps, random.Random(0), near)
        assert found.step == near
        assert found.replays <= 2 + 3


@given(
    steps_and_first.flatmap(
        lambda shape: st.tuples(
            st.just(shape), st.lists(st.booleans(), min_size=shape[0] + 1, max_size=shape[0] + 1)
        )
    ),
    nears,
    seeds,
)
def test_the_unknown_is_never_guessed(
    world: tuple[tuple[int, int], list[bool]], near: int | None, seed: int
) -> None:
    """Where some k cannot be known the answer is right or said to be uncertain."""
    (steps, first), known = world
    seen = [p if k else None for p, k in zip(monotone(steps, first), known, strict=True)]
    found = search(asking(seen)[0], steps, random.Random(seed), near)
    if found.certain:
        assert found.step == (None if first > steps else first)
    assert found.low < max(first, 1)
    assert found.high is None or found.high >= first


@given(st.lists(st.booleans() | st.none(), min_size=2, max_size=40), nears, seeds)
def test_a_pass_seen_behind_a_fail_makes_it_ask_all(
    world: list[bool | None], near: int | None, seed: int
) -> None:
    """Whatever the world, a violation among what was asked leads to the exhaustive answer."""
    steps = len(world) - 1
    found = search(asking(world)[0], steps, random.Random(seed), near)
    if found.scanned:
        assert found == exhaustive(world)
    else:
        passed = [k for k, p in found.passes.items() if p]
        failed = [k for k, p in found.passes.items() if p is False]
        assert max(passed, default=-1) < min(failed, default=steps + 1)


def test_violations_are_met_by_the_checks() -> None:
    """Of worlds in which any step passes or fails as a coin falls, most are seen through."""
    seen = 0
    for seed in range(200):
        chance = random.Random(seed)
        world: list[bool | None] = [True, *(chance.random() < 0.5 for _ in range(30))]
        seen += search(asking(world)[0], 30, chance).scanned
    assert seen > 120


@pytest.mark.parametrize(
    ("world", "step", "certain"),
    [
        pytest.param([True, True, False], 2, True, id="the pass and the fail behind it"),
        pytest.param([True, True, True], None, True, id="passes to the end"),
        pytest.param([False, False, False], 0, True, id="not even from the start"),
        pytest.param([None, False, False], 1, False, id="the start is unknown"),
        pytest.param([True, None, False], 2, False, id="between pass and fail nobody knows"),
        pytest.param([True, None, None], None, False, id="unknown to the end"),
        pytest.param([True, False, None], 1, False, id="a pass may hide behind the fail"),
        pytest.param([None, None, None], None, False, id="nothing is known"),
    ],
)
def test_reading(world: World, step: int | None, certain: bool) -> None:
    """The answer is the step behind the last pass, and certain only where both sides are known."""
    found = exhaustive(world)
    assert (found.step, found.certain) == (step, certain)
