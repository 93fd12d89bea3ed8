"""What an agent can do in a trial, and where it ends: in memory, in no time."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from harness.agents.allowance import Cancelled, CutOff
from harness.history.events import Action, Exec, Injected, Logged, Message, Observation
from kernel_rooms import LOCK, room

# --- limits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "commands", "word", "done"),
    [
        pytest.param({"steps": 2}, ["true"] * 3, "out of steps", 2, id="one step too many"),
        pytest.param({"seconds": 5}, ["sleep 3"] * 3, "timed out", 2, id="the time is up"),
        pytest.param({"steps": 3, "seconds": 9.5}, ["sleep 3"] * 3, None, 3, id="all is used up"),
    ],
)
def test_limits(limits: dict[str, Any], commands: list[str], word: str | None, done: int) -> None:
    """A move beyond the task's limits raises `CutOff` and leaves no trace in the history."""
    with room(limits=limits) as made:
        session = made.begin()
        raised = None
        try:
            for command in commands:
                session.do(command)
        except CutOff as error:
            raised = error.word
        assert (word, done) == (raised, session.steps)
        assert done == len(made.found(Action)) == len(made.found(Observation))


@pytest.mark.parametrize(
    ("limits", "command", "note", "code"),
    [
        pytest.param({"step_seconds": 1}, "sleep 9", "time limit of 1 s", None, id="of a step"),
        pytest.param({"seconds": 2}, "sleep 9", "time limit of 2 s", None, id="of the trial"),
        pytest.param({}, "exit 3", "the shell ended", 3, id="the shell ends"),
        pytest.param({"step_seconds": 1}, "sleep 0.5", "", 0, id="neither"),
    ],
)
def test_what_ends_a_command(
    limits: dict[str, Any], command: str, note: str, code: int | None
) -> None:
    """The agent is told why its command ended, and has a new shell where it needs one."""
    with room(limits=limits) as made:
        output = made.begin().do(command)
        assert (note in output.note, output.exit_code) == (True, code)
        assert output.timed_out is (code is None)
        assert bool(output.note) is bool(note)
        assert len(made.container.shells) == 1 + bool(note)
        (event,) = made.found(Observation)
        assert (event.note, event.died) == (output.note or None, command == "exit 3")


def test_a_new_shell_is_where_the_last_one_was() -> None:
    """After a time-out the agent goes on in the folder that it had gone to."""
    with room(limits={"step_seconds": 1}) as made:
        session = made.begin()
        made.container.shells[-1].cwd = "/elsewhere"
        session.do("sleep 9")
        assert made.container.shells[-1].cwd == "/elsewhere"


def test_without_any_shell_the_sandbox_begins_anew() -> None:
    """Where no shell can be opened any more, the container is restarted."""
    with room() as made:
        session = made.begin()
        made.container.refuses.add("shell")
        session.do("exit 0")
        assert (made.container.restarts, session.do("true").exit_code) == (1, 0)


@pytest.mark.parametrize("error", [CutOff("x", word="x"), Cancelled()], ids=["cut off", "stopped"])
def test_no_adapter_swallows_the_end(error: BaseException) -> None:
    """`except Exception` does not catch what ends an agent."""
    assert not isinstance(error, Exception)


@pytest.mark.parametrize(
    ("act", "stop_at"),
    [
        pytest.param("do", 0.0, id="before a command"),
        pytest.param("do", 1.0, id="during a command"),
        pytest.param("wait", 1.0, id="while time passes"),
        pytest.param("used up", 0.0, id="and the steps are used up"),
    ],
)
def test_cancelled(act: str, stop_at: float) -> None:
    """When the operator stops the run, the agent's next move, or what it is at, ends."""
    with room(stop_at=stop_at, limits={"steps": 1}) as made:
        session = made.begin()
        if act == "used up":
            session._steps = 1
        with pytest.raises(Cancelled):
            session.wait(3) if act == "wait" else session.do("sleep 3")
        assert made.clock.now <= stop_at + 0.1


def test_time_passes_by_waiting() -> None:
    """Waiting uses up the agent's time; for the fault only the sandbox's work counts."""
    with room({**LOCK, "when": {"seconds": 1}}, limits={"seconds": 5}) as made:
        session = made.begin()
        session.wait(1.5)
        assert [] == made.found(Injected)
        session.do("sleep 1.5")
        assert [2.5] == [round(event.t, 1) for event in made.found(Injected)]
        assert session.time_left() == pytest.approx(2.0, abs=0.1)
        with pytest.raises(CutOff, match="time limit of 5 s"):
            session.wait(9)


# --- records -------------------------------------------------------------------------------


def test_words() -> None:
    """A message goes with its command; only a final one is the last."""
    with room() as made:
        session = made.begin()
        session.do("true", "Let me see.")
        session.say("Hm.", final=False)
        assert not session.spoke_last
        session.say("STATUS: done")
        assert session.spoke_last
        assert ["Let me see."] == [event.message for event in made.found(Action)]
        assert [False, True] == [event.final for event in made.found(Message)]


@pytest.mark.parametrize(
    ("command", "changed", "paths"),
    [
        pytest.param("prepare", True, ("/work/source",), id="a new file"),
        pytest.param("echo x > /work/others", True, ("/work/others",), id="another content"),
        pytest.param("rm /work/others", True, ("/work/others",), id="a file less"),
        pytest.param("touch /elsewhere", False, (), id="what is not watched"),
        pytest.param("true", False, (), id="nothing"),
    ],
)
def test_the_state_after_a_step(command: str, changed: bool, paths: tuple[str, ...]) -> None:
    """An observation says what of the watched paths differs."""
    with room() as made:
        made.container.run("touch /work/others", 1)
        made.begin().do(command)
        (event,) = made.found(Observation)
        assert (event.changed, event.paths) == (changed, paths)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        pytest.param("/log/a", b"a\n", id="a file"),
        pytest.param("/log", None, id="a folder, as an archive"),
        pytest.param("/nowhere", b"", id="nothing"),
    ],
)
def test_logs(path: str, kept: bytes | None) -> None:
    """What an agent leaves beside its work is an artifact, named in the history."""
    with room() as made:
        made.container.run("echo a > /log/a; echo b > /log/b", 1)
        made.begin().log_file(path)
        logged = made.found(Logged)
        assert [path] * (kept != b"") == [event.name for event in logged]
        contents = [made.artifacts[event.artifacts[0]] for event in logged]
        assert kept is None or [kept] * bool(kept) == contents


# --- programs ------------------------------------------------------------------------------


def test_a_program_is_attended_to_until_it_ends() -> None:
    """What it writes is kept, stream by stream, and the harness looks on meanwhile."""
    with room() as made:
        made.container.programs["agent"] = [(1, b"one "), (2, b"err"), (1, b"two")]
        looks = itertools.count()
        end = made.begin().launch(["agent"], {}, lambda: next(looks) and None)
        assert (end.exit_code, end.stdout, end.stderr) == (0, "one two", "err")
        assert ["stdout", "stderr"] == [event.name for event in made.found(Logged)]
        assert next(looks) > len("one")


def test_a_program_without_end_is_cut_off() -> None:
    """At the time limit the harness lets go of the program."""
    with room(limits={"seconds": 1}) as made:
        made.container.programs["agent"] = itertools.repeat((1, b"."))
        with pytest.raises(CutOff, match="time limit"):
            made.begin().launch(["agent"], {}, lambda: None)
        assert made.clock.now == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("listens", "told"),
    [
        pytest.param(True, [("ls", "-l")], id="what it starts itself"),
        pytest.param(False, [], id="they are not asked for"),
    ],
)
def test_executions(listens: bool, told: list[tuple[str, ...]]) -> None:
    """Every execution is recorded with its step; the agent's own are reported on demand."""
    with room(filtered=True) as made:
        session = made.begin()
        heard: list[tuple[str, ...]] = []
        session.on_exec = (lambda call: heard.append(call.argv)) if listens else None
        assert made.filter is not None
        made.filter.see("exec", 31, made.filter.tree.leader, ["ls", "-l"])
        made.filter.see("exec", 32, 31, ["cat", "x" * 3000])
        session.do("true")
        recorded = [(event.step, event.parent, len(event.argv[1])) for event in made.found(Exec)]
        assert [(1, made.filter.tree.leader, 2), (1, 31, 2000)] == recorded
        assert told == heard


def test_what_happens_before_the_hand_over_is_not_the_agents() -> None:
    """What set-up executes is no event, and the agent's clock begins at zero."""
    with room(filtered=True) as made:
        assert made.filter is not None
        made.filter.see("exec", 31, 30, ["setup"])
        made.clock.now = 7.0
        session = made.begin()
        session.do("true")
        assert [] == made.found(Exec)
        assert [0.0] == [event.t for event in made.found(Action)]


def test_a_step_ends_when_the_filter_has_told_all() -> None:
    """What a command has executed is in the history before what it answered."""
    with room(filtered=True) as made:
        session = made.begin()
        assert made.filter is not None
        made.filter.see("exec", 31, made.filter.tree.leader, ["ls"], late=True)
        session.do("true")
        assert [Action, Exec, Observation] == [type(event) for event in made.history.events[-3:]]
