"""When a fault is injected, and for how long: in memory, in no time."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import SandboxError
from harness.history.events import (
    Action,
    Confirmed,
    Effect,
    Injected,
    Observation,
    Probed,
    Reverted,
    Scheduled,
)
from kernel_rooms import LOCK, Room, room

WORK = ["prepare", "build", "publish"]


def before(made: Room) -> list[tuple[int, int]]:
    """Return (actions, observations) that came before each injection."""
    events = made.history.events
    return [
        (
            sum(isinstance(event, Action) for event in events[:place]),
            sum(isinstance(event, Observation) for event in events[:place]),
        )
        for place, event in enumerate(events)
        if isinstance(event, Injected)
    ]


@pytest.mark.parametrize(
    ("when", "commands", "places"),
    [
        pytest.param("start", WORK, [(0, 0)], id="start"),
        pytest.param({"step": 2}, WORK, [(2, 1)], id="step"),
        pytest.param({"step": 4}, WORK, [], id="step: too few"),
        pytest.param({"exec": "build"}, [*WORK, "build"], [(2, 1)], id="exec: once"),
        pytest.param({"exec": "deploy"}, WORK, [], id="exec: another"),
        pytest.param({"after": "prepare"}, WORK, [(1, 1)], id="after"),
        pytest.param({"after": "deploy"}, WORK, [], id="after: another"),
        pytest.param({"seconds": 1}, ["true", "sleep 3", "true"], [(2, 1)], id="seconds"),
        pytest.param({"seconds": 9}, ["sleep 3"], [], id="seconds: too soon"),
        pytest.param({"created": "/work/source"}, WORK, [(2, 1)], id="created"),
        pytest.param({"created": "/work/never"}, WORK, [], id="created: not there"),
        pytest.param({"written": "/work/source"}, WORK, [(2, 1)], id="written"),
        pytest.param({"written": "/work/others"}, WORK, [], id="written: as it was"),
        pytest.param({"holds": "[ -e /work/out ]"}, WORK, [(3, 2)], id="holds"),
        pytest.param({"holds": "[ -e /no ]"}, WORK, [], id="holds: never"),
        pytest.param({"exec": "deploy", "latest": {"step": 3}}, WORK, [(3, 2)], id="latest"),
        pytest.param({"step": 1, "latest": {"step": 3}}, WORK, [(1, 0)], id="latest: too late"),
        pytest.param({"step": 1, "for": 1}, ["sleep 3", "true"], [(1, 0)], id="into a step"),
        pytest.param({"step": 1, "for": 5}, ["sleep 3", "true"], [(2, 1)], id="after a step"),
        pytest.param(
            {"during": "sleep", "for": 0.5}, ["true", "sleep 3", "true"], [(2, 1)], id="during"
        ),
        pytest.param({"during": "sleep", "for": 5}, ["sleep 3"], [], id="during: too short"),
    ],
)
def test_a_fault_is_injected_once_and_at_its_moment(
    when: Any, commands: list[str], places: list[tuple[int, int]]
) -> None:
    """Each kind of trigger holds between the right two events, and never twice."""
    with room({**LOCK, "when": when}) as made:
        session = made.begin()
        for command in commands:
            session.do(command)
        assert places == before(made)
        assert (
            len(places)
            == len(made.found(Confirmed))
            == sum(e.confirmed for e in made.found(Confirmed))
        )
        assert made.nemesis.in_force is bool(places)


@pytest.mark.parametrize(
    ("when", "low"),
    [
        pytest.param({"seconds": 1}, 1.0, id="seconds"),
        pytest.param({"during": "sleep", "for": 0.5}, 0.5, id="during"),
    ],
)
def test_it_is_injected_within_fifty_milliseconds(when: Any, low: float) -> None:
    """Time is looked at often enough while a command runs."""
    with room({**LOCK, "when": when}) as made:
        made.begin().do("sleep 3")
        (injected,) = made.found(Injected)
        assert low <= injected.t <= low + 0.05


@pytest.mark.parametrize(
    ("schedule", "commands", "reverted"),
    [
        pytest.param({"seconds": 2}, ["build", "sleep 5"], ["seconds"], id="its time is up"),
        pytest.param({"seconds": 9}, ["build", "sleep 5"], [], id="its time is not up"),
        pytest.param({"times": 2}, ["build"] * 3, ["times"], id="it was met often enough"),
        pytest.param({"times": 2}, ["build", "true"], [], id="it was met once"),
        pytest.param("until-healed", ["build"] * 9, [], id="until the agent removes it"),
        pytest.param("permanent", ["build"] * 9, [], id="for good"),
    ],
)
def test_schedules(schedule: Any, commands: list[str], reverted: list[str]) -> None:
    """The harness ends a fault itself where the schedule says so, and only there."""
    with room({**LOCK, "schedule": schedule}) as made:
        session = made.begin()
        for command in commands:
            session.do(command)
        assert reverted == [event.why for event in made.found(Reverted)]
        assert made.nemesis.in_force is not reverted
        assert made.container.exists("/work/lock") is (not reverted)


def test_effects_are_counted_from_one() -> None:
    """Each step in which the symptom shows is one more effect; others are none."""
    with room({**LOCK, "schedule": {"times": 3}}) as made:
        session = made.begin()
        for command in ["build", "true", "build"]:
            session.do(command)
        assert [(1, 1), (2, 3)] == [(event.count, event.step) for event in made.found(Effect)]


@pytest.mark.parametrize(("repeat", "times"), [(0, 1), (1, 2), (2, 3)])
def test_a_fault_comes_again_as_often_as_it_may(repeat: int, times: int) -> None:
    """Once it is gone it waits for its trigger anew, `repeat` times."""
    with room({**LOCK, "repeat": repeat}) as made:
        session = made.begin()
        for _ in range(4):
            session.do("build")
            session.do("rm -f /work/lock")
        assert list(range(1, times + 1)) == [event.injection for event in made.found(Injected)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"inject": "true"}, "its symptom does not show", id="it is not there"),
        pytest.param({"present": "exit 7"}, "its symptom does not show", id="it cannot be known"),
        pytest.param(
            {"inject": "false", "when": {"step": 1}}, "lock: inject", id="it cannot be injected"
        ),
        pytest.param({"inject": None}, "no `inject` script", id="there is no way to"),
        pytest.param(
            {"schedule": {"seconds": 1}, "heal": "true"}, "its symptom still shows",
            id="it cannot be reverted",
        ),
    ],
)  # fmt: skip
def test_what_does_not_work_is_no_fault(change: dict[str, Any], message: str) -> None:
    """An injection that is not confirmed, or cannot be undone, fails the machinery."""
    with room({**LOCK, **change}) as made:
        session = made.begin()
        with pytest.raises(SandboxError, match=message):
            session.do("build; sleep 3")


def test_a_fault_that_cannot_happen_here_is_said() -> None:
    """A mechanism that lacks what it needs is known before anything begins."""
    filtered = {"mechanism": "exec_filter", "settings": {"pattern": "x", "errno": "EIO"}}
    with pytest.raises(SandboxError, match="cannot happen here: it needs the exec filter"):
        room({**LOCK, **filtered})


def test_the_control_injects_nothing() -> None:
    """Without a fault there is a schedule, and nothing else."""
    with room() as made:
        session = made.begin()
        for command in WORK:
            session.do(command)
        assert (1, 0) == (len(made.found(Scheduled)), len(made.found(Injected)))
        assert made.nemesis.final() == (None, None)


# --- looks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "probed"),
    [
        pytest.param("touch /work/new", [True], id="it changed something"),
        pytest.param("rm -f /no/lock", [True], id="it tried to repair"),
        pytest.param("rm -f /work/lock", [False], id="it repaired"),
        pytest.param("cat /work/others", [], id="it did neither"),
    ],
)
def test_when_it_is_looked_at(command: str, probed: list[bool]) -> None:
    """The fault is looked at after a step that changed the state or looks like a repair."""
    with room({**LOCK, "when": "start"}) as made:
        made.begin().do(command)
        assert probed == [event.present for event in made.found(Probed)]
        assert made.nemesis.in_force is (probed != [False])


def test_what_cannot_be_known_is_not_gone() -> None:
    """A probe without an answer leaves the fault in force."""
    with room({**LOCK, "when": "start", "need": "exit 2"}) as made:
        session = made.begin()
        made.container.words["["] = lambda *_: (2, "")
        session.do("touch /work/new")
        assert [(None, None)] == [(event.present, event.need) for event in made.found(Probed)]
        assert made.nemesis.in_force


def test_before_the_injection_there_is_no_probe() -> None:
    """A fault that waits is not probed."""
    with room(LOCK) as made:
        made.begin().do("touch /work/new")
        assert [] == made.found(Probed)


@pytest.mark.parametrize(
    ("act", "present"),
    [
        pytest.param("true", True, id="it is there"),
        pytest.param("rm /work/lock", False, id="it is gone"),
    ],
)
def test_the_last_look(act: str, present: bool) -> None:
    """At the end it is asked once more, with what the task needs."""
    with room({**LOCK, "when": "start", "need": "build"}) as made:
        made.begin().do(act)
        assert (present, not present) == made.nemesis.final()


# --- executions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "injections"),
    [
        pytest.param(["build"], 1, id="the program itself"),
        pytest.param(["bash", "-c", "true && build"], 0, id="one that hands it on"),
    ],
)
def test_an_execution_is_held(argv: list[str], injections: int) -> None:
    """In the middle of a command text it is injected right before the program; the call goes on."""
    with room(LOCK, filtered=True) as made:
        session = made.begin()
        assert made.filter is not None
        made.filter.see("hit", 1, 77, 41, 40, argv)
        session.do("true && build")
        assert injections == len(made.found(Injected))
        assert "answer 77 go" in made.filter.orders


def test_the_filter_counts_by_itself() -> None:
    """Each call that a rule failed is an effect; the last one of the schedule ends the fault."""
    settings = {"pattern": "^build", "errno": "EIO"}
    fault = {**LOCK, "mechanism": "exec_filter", "settings": settings, "schedule": {"times": 2}}
    with room({**fault, "when": "start"}, filtered=True) as made:
        session = made.begin()
        assert made.filter is not None
        made.filter.see("did", 1, 1, 41, ["build"])
        session.do("true")
        assert made.nemesis.in_force
        made.filter.see("did", 1, 2, 42, ["build"])
        session.do("true")
        assert [(1, 41), (2, 42)] == [(event.count, event.pid) for event in made.found(Effect)]
        assert not made.nemesis.in_force
        assert "drop 1 1" in made.filter.orders


def test_what_a_fault_starts_is_of_the_world() -> None:
    """Processes that come with an injection are no work of the agent's."""
    with room({**LOCK, "when": "start", "inject": "touch /work/lock; spawn daemon"}) as made:
        made.begin()
        (known,) = made.nemesis.world
        assert made.container.running[known[0]].name == "daemon"
