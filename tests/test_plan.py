"""Which trials a selection means: rules in a table, and what chance may and may not decide."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError, NothingSelected
from harness.library.library import CONTROL
from harness.library.shape import Kind
from harness.models.fault import NOOP, Fault
from harness.models.task import Pair, Sandbox, Task
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.trigger import Trigger
from harness.planning.plan import (
    CORE_AT_MOST,
    STATUS_REQUEST,
    Allotment,
    Selection,
    allotment,
    draw,
    draw_trigger,
    kept,
    plan,
    spec_of,
)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A library without files."""

    tasks: Mapping[str, Task]
    faults: Mapping[str, Fault]
    sandboxes: Mapping[str, Sandbox]

    def digest(self, kind: Kind, name: str, /) -> str:
        """Return something that tells definitions apart."""
        return f"{kind}:{name}"


def task(name: str, *pairs: Pair) -> Task:
    """Return a task with these pairs."""
    return Task(
        id=name, title=name, instruction="Do it.\n", sandbox="box", solution=("true",),
        damage="false", faults=pairs,
    )  # fmt: skip


def fault(name: str, error_type: str = "odd_type", **keys: object) -> Fault:
    """Return a fault."""
    return Fault.model_validate(
        {"id": name, "title": name, "category": "odd", "error_type": error_type, **keys}
    )


FAULTS = [
    CONTROL,
    fault("disk_full", "disk_full", when={"step": [2, 5]}),
    fault("disk_slow", "disk_slow", when={"seconds": [1, 3]}),
    fault("lock", "git_lock", params={"path": "/x"}, present="test -e {{path}}"),
    fault("gap", "git_lock", params={"path": ""}),
]
TASKS = [
    task("build", Pair(fault="disk_full", core=True), Pair(fault="disk_slow")),
    task(
        "commit",
        Pair(fault="lock", core=True),
        Pair.model_validate({"fault": "lock", "as": "lock-late", "with": {"path": "/y"}}),
        Pair(fault="disk_full"),
    ),
    task("plain"),
]
ORACLE = AgentSpec(id="oracle", adapter="scripted", settings={"policy": "oracle"})
IDLE = AgentSpec(id="idle", adapter="scripted", settings={"policy": "idle"})


def shelf(tasks: Sequence[Task] = TASKS, faults: Sequence[Fault] = FAULTS) -> Shelf:
    """Return a library of these."""
    return Shelf(
        tasks={t.id: t for t in tasks},
        faults={f.id: f for f in faults},
        sandboxes={"box": Sandbox(id="box", title="b")},
    )


def cells(wanted: Selection) -> list[str]:
    """Return the planned `task+pair`, undeclared ones in brackets."""
    planned = plan(shelf(), wanted)
    return [f"{s.task.id}+{s.pair}" if s.declared else f"({s.task.id}+{s.pair})" for s in planned]


BUILD, COMMIT = "build+noop", "commit+noop"
EVERYTHING = [
    BUILD, "build+disk_full", "build+disk_slow",
    COMMIT, "commit+lock", "commit+lock-late", "commit+disk_full",
]  # fmt: skip


@pytest.mark.parametrize(
    ("tasks", "faults", "rest", "expected"),
    [
        pytest.param([], [], {}, [BUILD, "build+disk_full", COMMIT, "commit+lock"], id="core"),
        pytest.param([], [], {"everything": True}, EVERYTHING, id="--all"),
        pytest.param(
            [], [], {"everything": True, "controls": False},
            [cell for cell in EVERYTHING if "noop" not in cell], id="--all without controls",
        ),
        pytest.param(["build"], [], {}, EVERYTHING[:3], id="a task brings all its pairs"),
        pytest.param(["plain"], [], {}, ["plain+noop"], id="a task without pairs, its control"),
        pytest.param(["*"], [], {}, [*EVERYTHING, "plain+noop"], id="a glob of tasks"),
        pytest.param(["[bp]*"], [], {}, [*EVERYTHING[:3], "plain+noop"], id="another glob"),
        pytest.param(
            [], ["disk_full"], {}, [BUILD, "build+disk_full", COMMIT, "commit+disk_full"],
            id="a fault brings every pair of it, and the controls",
        ),
        pytest.param(
            [], ["git_lock"], {}, [COMMIT, "commit+lock", "commit+lock-late"], id="an error type",
        ),
        pytest.param([], ["lock-late"], {}, [COMMIT, "commit+lock-late"], id="a pair's own name"),
        pytest.param(
            [], ["disk_*"], {},
            [BUILD, "build+disk_full", "build+disk_slow", COMMIT, "commit+disk_full"],
            id="a glob of faults",
        ),
        pytest.param([], ["noop"], {}, [BUILD, COMMIT, "plain+noop"], id="the controls alone"),
        pytest.param(["build"], ["noop"], {}, [BUILD], id="one control alone"),
        pytest.param(
            ["build"], ["noop", "disk_slow"], {}, [BUILD, "build+disk_slow"], id="with a fault",
        ),
        pytest.param(
            ["build"], ["lock"], {}, [BUILD, "(build+lock)"], id="an undeclared pair",
        ),
        pytest.param(
            ["build"], ["disk_full", "lock"], {}, [BUILD, "build+disk_full", "(build+lock)"],
            id="declared and undeclared",
        ),
        pytest.param(
            ["plain", "build"], ["disk_slow"], {},
            [BUILD, "build+disk_slow", "plain+noop", "(plain+disk_slow)"], id="two tasks",
        ),
        pytest.param(
            ["*"], ["disk_slow"], {}, [BUILD, "build+disk_slow"], id="a glob makes no new pairs",
        ),
    ],
)  # fmt: skip
def test_what_a_selection_means(
    tasks: list[str], faults: list[str], rest: dict[str, bool], expected: list[str]
) -> None:
    """The rules of selection; controls come first within a task."""
    wanted = Selection(tasks=tasks, faults=faults, agents=[ORACLE], **rest)  # type: ignore[arg-type]
    assert cells(wanted) == expected


@pytest.mark.parametrize(
    ("tasks", "faults", "error", "says"),
    [
        pytest.param(["bulid"], [], InputError, "did you mean `build`", id="a misspelt task"),
        pytest.param([], ["disk_ful"], InputError, "did you mean `disk_full`", id="a fault"),
        pytest.param(["x*"], [], InputError, "no task is called `x[*]`", id="a glob of nothing"),
        pytest.param(["b*"], ["lock"], NothingSelected, "no pair", id="no such pair"),
        pytest.param(["build"], ["gap"], InputError, "needs a value", id="an undeclared gap"),
    ],
)
def test_what_no_selection_can_mean(
    tasks: list[str], faults: list[str], error: type[Exception], says: str
) -> None:
    """A name that nothing has is an error that helps; an empty plan is an answer of its own."""
    with pytest.raises(error, match=says):
        plan(shelf(), Selection(tasks=tasks, faults=faults, agents=[ORACLE]))


def test_the_core_is_small() -> None:
    """A run without selectors stays small, however many pairs are tagged."""
    many = [task(f"t{n:02}", *[Pair(fault="lock", core=True)]) for n in range(40)]
    planned = plan(shelf(many), Selection(agents=[ORACLE]))
    assert sum(spec.pair != NOOP for spec in planned) == CORE_AT_MOST
    assert sum(spec.pair == NOOP for spec in planned) == CORE_AT_MOST


def test_agents_and_attempts_multiply() -> None:
    """Every agent plays every cell as often as asked for; a repeated agent counts once."""
    wanted = Selection(tasks=["plain"], agents=[ORACLE, IDLE, ORACLE], attempts=2)
    assert [spec.trial for spec in plan(shelf(), wanted)] == [
        "plain+noop+oracle+1", "plain+noop+oracle+2", "plain+noop+idle+1", "plain+noop+idle+2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "factor", "expected"),
    [
        pytest.param([], 1, (100, 3600, 60), id="nothing asked: the tasks' own"),
        pytest.param(["steps=7"], 1, (7, 3600, 60), id="steps alone"),
        pytest.param(["seconds=90"], 1, (100, 90, 60), id="seconds alone"),
        pytest.param(["seconds=90.5", "steps=7"], 1, (7, 90.5, 60), id="both"),
        pytest.param(["steps=7", "steps=8"], 1, (8, 3600, 60), id="the last word counts"),
        pytest.param([], 2, (100, 7200, 120), id="twice the time, for a step, too"),
        pytest.param([], 0.5, (100, 1800, 30), id="half of it"),
        pytest.param(["seconds=90"], 2, (100, 180, 120), id="a factor of what is given"),
    ],
)
def test_limits_that_are_asked_for(
    given: list[str], factor: float, expected: tuple[float, float, float]
) -> None:
    """They stand in each trial's spec in place of the task's, and nothing else changes."""
    (spec,) = plan(shelf(), Selection(tasks=["plain"], agents=[ORACLE]))
    changed = allotment(given, factor).applied(spec)
    limits = changed.task.limits
    assert (limits.steps, limits.seconds, limits.step_seconds) == expected
    back = changed.task.model_copy(update={"limits": spec.task.limits})
    assert changed.model_copy(update={"task": back}) == spec


@pytest.mark.parametrize(
    ("given", "factor"),
    [
        pytest.param(["steps"], 1, id="no number"),
        pytest.param(["steps=many"], 1, id="no number but a word"),
        pytest.param(["steps=1.5"], 1, id="half a step"),
        pytest.param(["steps=0"], 1, id="no step at all"),
        pytest.param(["seconds=nan"], 1, id="not a number"),
        pytest.param(["seconds=inf"], 1, id="for ever"),
        pytest.param(["memory=9"], 1, id="another limit"),
        pytest.param([], 0, id="no time"),
        pytest.param([], float("nan"), id="a factor that is not a number"),
    ],
)
def test_limits_that_cannot_be(given: list[str], factor: float) -> None:
    """They are an error before anything is played."""
    with pytest.raises(InputError, match="above 0"):
        allotment(given, factor)


@pytest.mark.parametrize("asked", [Allotment(), Allotment(steps=7)], ids=["nothing", "the same"])
def test_a_resumed_run_keeps_its_limits(asked: Allotment) -> None:
    """What was given at the beginning need not be said again."""
    assert kept({"steps": 7}, asked) == Allotment(steps=7)
    assert kept({}, Allotment()) == Allotment()


@pytest.mark.parametrize("begun", [{}, {"steps": 7, "seconds": 90.0}], ids=["none", "others"])
def test_a_resumed_run_takes_no_other_limits(begun: dict[str, float]) -> None:
    """The trials of one run have the same limits."""
    with pytest.raises(InputError, match="--resume keeps to the limits"):
        kept(begun, Allotment(time_factor=2))


def test_two_agents_of_one_name_are_an_error() -> None:
    """Trials are named after their agent: no two of them may be taken for each other."""
    other = ORACLE.model_copy(update={"settings": {"policy": "blind"}})
    with pytest.raises(InputError, match="two different agents are called `oracle`"):
        plan(shelf(), Selection(agents=[ORACLE, other]))


def test_a_spec_is_complete() -> None:
    """Overrides are applied, places filled, ranges drawn, and the claim is asked for."""
    wanted = Selection(faults=["lock-late"], agents=[ORACLE], seed=3)
    spec = next(s for s in plan(shelf(), wanted) if s.pair == "lock-late")
    assert spec.trial == "commit+lock-late+oracle+1"
    assert (spec.fault.id, spec.fault.present) == ("lock", "test -e /y")
    assert spec.task.instruction == "Do it.\n" + STATUS_REQUEST
    assert (spec.seed, spec.attempt, spec.sandbox.id) == (3, 1, "box")
    assert spec.digests["task"] == "task:commit"
    assert TrialSpec.model_validate_json(spec.model_dump_json(by_alias=True)) == spec


def test_a_pair_overrides_its_fault() -> None:
    """When, how long, the resolution and the playbooks are the pair's where it says so."""
    pair = Pair.model_validate(
        {"fault": "disk_full", "when": "start", "schedule": {"times": 2}, "resolution": "wait",
         "fix": ["f"], "retry": False}
    )  # fmt: skip
    made = spec_of(shelf(), TASKS[2], pair, ORACLE).fault
    assert (made.when.kind, made.schedule.value, made.resolution) == ("start", 2, "wait")
    assert (made.playbooks.fix, made.playbooks.retry) == (("f",), False)


# --- chance --------------------------------------------------------------------------------

SEEDS = st.integers(0, 2**32)


@given(order=st.randoms(use_true_random=False), seed=SEEDS)
def test_the_order_of_the_library_decides_nothing(order: random.Random, seed: int) -> None:
    """The same library, listed in any order, gives the same plan."""
    tasks, faults = list(TASKS), list(FAULTS)
    order.shuffle(tasks)
    order.shuffle(faults)
    wanted = Selection(everything=True, agents=[ORACLE, IDLE], attempts=2, seed=seed)
    assert plan(shelf(tasks, faults), wanted) == plan(shelf(), wanted)


def chances(wanted: Selection) -> dict[tuple[str, str, int], object]:
    """Return when the fault of each planned cell strikes."""
    return {(s.task.id, s.pair, s.attempt): s.fault.when.value for s in plan(shelf(), wanted)}


@given(seed=SEEDS)
def test_draws_depend_on_neither_agent_nor_selection(seed: int) -> None:
    """Every agent meets the same fault at the same time, whatever else is in the run."""
    every = chances(Selection(everything=True, agents=[ORACLE], attempts=3, seed=seed))
    assert chances(Selection(everything=True, agents=[IDLE], attempts=3, seed=seed)) == every
    some = chances(Selection(faults=["disk_slow"], agents=[IDLE], attempts=2, seed=seed))
    assert some.items() <= every.items()


def test_the_seed_decides() -> None:
    """Another seed, task, pair or attempt draws another number; the same draws the same."""
    rows = [
        (0, "a", "b", 1),
        (1, "a", "b", 1),
        (0, "x", "b", 1),
        (0, "a", "x", 1),
        (0, "a", "b", 2),
    ]
    assert len({draw(*row) for row in rows}) == len(rows)
    assert [draw(*row) for row in rows] == [draw(*row) for row in rows]
    assert draw(0, "ab", "c", 1) != draw(0, "a", "bc", 1)


@given(fraction=st.floats(0, 1, exclude_max=True), low=st.integers(1, 50), more=st.integers(0, 50))
def test_a_number_is_drawn_within_its_range(fraction: float, low: int, more: int) -> None:
    """Both ends of a range can be drawn, and nothing beyond them."""
    step = draw_trigger(Trigger(kind="step", value=(low, low + more)), fraction).value
    seconds = draw_trigger(Trigger(kind="seconds", value=(low, low + more)), fraction).value
    assert isinstance(step, int)
    assert low <= step <= low + more
    assert low <= seconds <= low + more
    fixed = Trigger(kind="exec", value=("x", "y"))
    assert draw_trigger(fixed, fraction) == fixed


def test_every_step_of_a_range_is_drawn() -> None:
    """Over many attempts each step of a range comes up about equally often."""
    trigger = Trigger(kind="step", value=(2, 5))
    values = [draw_trigger(trigger, draw(0, "t", "p", n)).value for n in range(4000)]
    assert {value: 900 < values.count(value) < 1100 for value in set(values)} == {
        2: True, 3: True, 4: True, 5: True,
    }  # fmt: skip
