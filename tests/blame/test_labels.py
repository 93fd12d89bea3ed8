"""Three labels, read off what the ways on showed; and what of a replay is believed."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.agents.continuation import ways
from harness.attribution import document, labels
from harness.attribution.document import Blame, Drop
from harness.attribution.equivalence import classes, over
from harness.attribution.fidelity import fidelity, replayable
from harness.attribution.placement import pauses, place
from harness.attribution.search import Found, read, search
from harness.history.events import Event, Injected, Surveyed, ToolCall
from harness.models.task import Service
from harness.models.trial import TrialSpec
from histories import action, history, observation, trial_spec

STEPS = 6


def lost(at: int | None, *, unknown: tuple[int, ...] = ()) -> Found:
    """Return what a way on shows that is lost at a step (0: from the start; None: never)."""
    world = {k: at is None or k < at for k in range(STEPS + 1)}
    seen = {k: None if k in unknown else passed for k, passed in world.items()}
    return read(seen, STEPS, scanned=False)


@pytest.mark.parametrize(
    ("ways", "step", "between"),
    [
        pytest.param([3], 3, None, id="one way on"),
        pytest.param([3, 5], 5, None, id="the last of them counts"),
        pytest.param([3, None], None, None, id="one passes to the end"),
        pytest.param([0, 4], 4, None, id="one that never passes says nothing"),
        pytest.param([0, 0], None, None, id="none passes even from the start"),
    ],
)
def test_the_point_of_no_return(
    ways: list[int | None], step: int | None, between: tuple[int, int | None] | None
) -> None:
    """It is the smallest k after which no way on passes."""
    found = labels.point({str(n): lost(at) for n, at in enumerate(ways)})
    assert (found.step, found.between) == (step, between)


@pytest.mark.parametrize(
    ("unknown", "step", "between"),
    [
        pytest.param((3,), None, (3, 4), id="the step of the loss itself"),
        pytest.param((4, 5, 6), 3, None, id="behind it"),
        pytest.param((2, 3, 4, 5, 6), None, (2, None), id="everything from a step on"),
    ],
)
def test_what_is_unknown_is_a_range(
    unknown: tuple[int, ...], step: int | None, between: tuple[int, int | None] | None
) -> None:
    """Where replays cannot be believed, first and last possible step are named, and none is it."""
    found = labels.point({"oracle": lost(3, unknown=unknown)})
    assert (found.step, found.between) == (step, between)


@pytest.mark.parametrize(
    ("ways", "drop"),
    [
        pytest.param([3, 3, 5], Drop(step=3, before=1.0, after=0.3333), id="two at once"),
        pytest.param([5, 2], Drop(step=2, before=1.0, after=0.5), id="the first of equal falls"),
        pytest.param([0, 4], Drop(step=4, before=1.0, after=0.0), id="without the hopeless"),
        pytest.param([None, None], None, id="nothing is lost"),
        pytest.param([0], None, id="nothing was there"),
    ],
)
def test_the_value_drop(ways: list[int | None], drop: Drop | None) -> None:
    """It is the largest fall of the share of ways on that pass."""
    assert labels.drop({str(n): lost(at) for n, at in enumerate(ways)}) == drop


# --- fidelity ------------------------------------------------------------------------------


def recorded(*steps: dict[str, Any], injected_before: int | None = None) -> list[Event]:
    """Return the events of some steps, a tenth of a second apart, alike but for what is given."""
    events: list[Event] = []
    for n, told in enumerate(steps, start=1):
        seen = {"stdout": "same", **told}
        tool = seen.pop("tool", None)
        events += [Injected(injection=1)] if n == injected_before else []
        events += [ToolCall(tool=tool)] if tool else []
        events += [action(n, f"command {n}")]
        events += [observation(n, **{"digest": f"{n}", "changed": True, **seen})]
    return [event.model_copy(update={"t": event.t / 10}) for event in history(events)]


RECORD = recorded({}, {}, {})


@pytest.mark.parametrize(
    ("replayed", "diverged", "alike"),
    [
        pytest.param(recorded({}, {}, {}), None, 3, id="the same"),
        pytest.param(recorded({}, {"stdout": "at 12:30:01"}, {}), None, 2, id="one output differs"),
        pytest.param(recorded({}, {"exit_code": 1}, {}), 2, 3, id="another exit code"),
        pytest.param(recorded({}, {"timed_out": True, "exit_code": None}, {}), 2, 3, id="time-out"),
        pytest.param(recorded({}, {"digest": "x"}, {}), None, 3, id="changed into something else"),
        pytest.param(recorded({}, {"digest": "x", "changed": False}, {}), 2, 3, id="not changed"),
        pytest.param(recorded({}, {}), 3, 2, id="a step is missing"),
        pytest.param(recorded({}, {}, {}, injected_before=2), 2, 3, id="an injection of its own"),
        pytest.param(recorded(*[{"stdout": "x"}] * 3), 2, 0, id="nearly all outputs differ"),
    ],
)
def test_fidelity(replayed: list[Event], diverged: int | None, alike: int) -> None:
    """A replay is believed as long as every step ends as recorded and most outputs are the same."""
    found = fidelity(RECORD, replayed, 3)
    assert (found.diverged, found.alike) == (diverged, alike)


def test_what_lies_behind_the_prefix_does_not_count() -> None:
    """Only the steps that were replayed are compared: the way on is another one."""
    assert fidelity(RECORD, recorded({}, {"exit_code": 1}), 1).diverged is None


def test_an_injection_between_two_steps_belongs_to_the_next() -> None:
    """Injected right after step 2 or right before step 3: the replay of two steps is the same."""
    late = recorded({}, {}, {}, injected_before=3)
    assert fidelity(late, recorded({}, {}, injected_before=3), 2).diverged is None
    assert fidelity(late, RECORD, 3).diverged == 3


def test_tools_that_are_no_shell_end_what_can_be_played_again() -> None:
    """Steps count up to the first of them."""
    assert replayable(RECORD) == 3
    assert replayable(recorded({}, {}, {"tool": "edit_file"})) == 2


# --- steps that change nothing -------------------------------------------------------------


def surveyed(*changed: bool | None, injected_before: int | None = None) -> list[Event]:
    """Return a survey of steps that changed something, or not, or were not looked at."""
    events = recorded(*[{}] * len(changed), injected_before=injected_before)
    looks = [
        Surveyed(step=k, changed=each)
        for k, each in enumerate(changed, start=1)
        if each is not None
    ]
    return [*events, *looks]


def test_only_steps_that_change_something_begin_a_class() -> None:
    """The others pass as the one before; where it is unknown a step may have changed something."""
    looks = surveyed(False, True, False, None, False)
    assert classes(spec(), looks, 5, believed=5) == (0, 2, 4)
    assert classes(spec(), looks, 5, believed=2) == (0, 2, 3, 4, 5)
    assert classes(spec(), looks[:5], 5, believed=5) == (0, 1, 2, 3, 4, 5)


def test_what_the_fault_does_begins_a_class() -> None:
    """An injection between two steps counts for both."""
    looks = surveyed(False, False, False, injected_before=2)
    assert classes(spec(), looks, 3, believed=3) == (0, 1, 2)


def test_beside_a_service_every_step_counts() -> None:
    """What a service holds cannot be seen from here."""
    made = spec()
    service = Service(sandbox="s", command="c", ready="r")
    task = made.task.model_copy(update={"services": {"s": service}})
    looks = surveyed(False, False)
    assert classes(made.model_copy(update={"task": task}), looks, 2, believed=2) == (0, 1, 2)


@given(st.sets(st.integers(1, 40)), st.integers(0, 41), st.integers(1, 41))
def test_a_search_over_classes_finds_the_step(changing: set[int], first: int, near: int) -> None:
    """Where passes end at a step that changes something, it is found as if all had been asked."""
    steps = 40
    made = (0, *sorted(changing))
    lost = min((k for k in made if k >= first), default=None)
    world = {k: lost is None or k < lost for k in range(steps + 1)}

    def asked(last: int, guess: int) -> Found:
        return search(lambda n: world[made[n]], last, random.Random(1), guess)

    found = over(made, steps, near, asked)
    assert (found.step, found.certain) == (lost, True)
    assert found.low == max((k for k, passed in world.items() if passed), default=0)
    assert all(world[k] == passed for k, passed in found.passes.items())


# --- the fault in its place ----------------------------------------------------------------


def spec(**fault: Any) -> TrialSpec:
    """Return a trial's spec with such a fault."""
    return trial_spec({"id": "f", **fault}, {"outputs": ["/out"]}, seed=1)


def test_a_fault_by_the_clock_comes_by_the_steps() -> None:
    """Between two steps: before the next; within a step: as late into that command."""
    clocked = spec(when={"seconds": 0.35})
    between = place(clocked, recorded({}, {}, {}, injected_before=3)).fault.when
    assert (between.kind, between.value) == ("step", 3)
    events = recorded({}, {}, {})
    events.insert(3, Injected(injection=1, t=0.25))
    within = place(clocked, events).fault.when
    assert (within.kind, within.value) == ("step", 2)
    assert within.delay == pytest.approx(0.05)


def test_other_triggers_stay() -> None:
    """What depends on the commands comes again with the commands."""
    for when in ("start", {"exec": "x"}, {"after": "x"}, {"step": 2}, {"created": "/x"}):
        asked = spec(when=when)
        assert place(asked, RECORD).fault == asked.fault


def test_a_replay_has_room_for_a_way_on_and_no_model() -> None:
    """Steps and seconds beyond the task's limits; a fault of the model is left out."""
    made = place(spec(mechanism="model", settings={"kind": "overloaded"}), RECORD)
    assert made.fault.control
    assert made.task.limits.steps > spec().task.limits.steps
    assert made.task.limits.seconds > spec().task.limits.seconds


def test_pauses_are_kept_where_the_end_goes_by_the_clock() -> None:
    """Only then does it matter how long the agent thought."""
    assert pauses(spec(), RECORD) == ()
    assert pauses(spec(schedule={"seconds": 2}), RECORD) == (0.0, 0.1, 0.1)


def test_the_ways_on_of_a_trial() -> None:
    """Without outputs nothing is begun afresh; without a playbook nothing is mended by it."""
    assert ways(spec()) == ("oracle", "afresh")
    assert ways(spec(playbooks={"fix": ["mend"]})) == ("oracle", "afresh", "mended")
    around = spec(resolution="workaround", playbooks={"fix": ["mend"]})
    assert ways(around) == ("oracle", "afresh")


# --- on disk -------------------------------------------------------------------------------


def test_a_finding_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The file holds all of it, and `step` as a plain number."""
    blame = Blame(
        trial="t+f+a+1", seed=1, steps=STEPS, step=3, reason="r", exposed=None, no_return=3,
        between=None, value_drop=Drop(step=3, before=1.0, after=0.0), necessity=None,
        ways={"oracle": lost(3)}, probes=(), fidelity=1.0, seconds=0.5,
    )  # fmt: skip
    document.write(tmp_path, blame)
    assert document.read(tmp_path) == blame
    assert '\n "step": 3,' in (tmp_path / "blame.json").read_text(encoding="utf-8")
    (tmp_path / "blame.json").write_text("{}")
    assert document.read(tmp_path) is None
