"""Whole trials, from the container's start to the verdict; in memory."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import agents
from harness.agents.allowance import Cancelled
from harness.agents.base import Foreign
from harness.agents.session import Session
from harness.analysis.verdict import judge
from harness.errors import HarnessError, ModelUnreachable
from harness.history.events import Failed, HandedOver, Stopped
from harness.history.store import TrialFolder
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome, Verdict
from harness.trial.resources import Resources
from harness.trial.trial import play
from histories import trial_spec
from kernel_rooms import LOCK, STALE, TASK, WORK
from memory import Clock, MemoryContainer, MemoryEngine, Stop

FAULTS: dict[str, dict[str, Any] | None] = {
    "clean": None,
    "repair": {**LOCK, "resolution": "repair"},
    "workaround": {**LOCK, "resolution": "workaround"},
    "wait": {**LOCK, "resolution": "wait", "schedule": {"times": 2}},
    "report": {**LOCK, "resolution": "report", "schedule": "permanent"},
    "implicit": {**STALE, "resolution": "repair"},
}


def trial(
    folder: Path,
    spec: TrialSpec,
    stop_at: float = float("inf"),
    change: Callable[[MemoryContainer], None] = lambda _: None,
) -> Verdict:
    """Play a trial; `change` is done to each new container."""
    (folder / "verify.sh").write_text("verified")
    clock = Clock()
    engine = MemoryEngine(clock=clock, images={"s": {}}, words=WORK, made=[], change=change)
    made = Resources(
        images={"s": "s", "helpers": "helpers"}, task_folders={"t": folder}, assets={}, run="r"
    )
    return play(
        spec,
        made,
        TrialFolder(folder),
        Stop(clock, stop_at),
        connect=lambda *_: engine,
        clock=clock,
    )


def scripted(policy: str, fault: str = "clean", **task: Any) -> TrialSpec:
    """Return the trial of a scripted agent."""
    agent = {"id": policy, "adapter": "scripted", "settings": {"policy": policy}}
    return trial_spec(FAULTS[fault], {**TASK, **task}, agent)


# --- known answers -------------------------------------------------------------------------

KNOWN = {
    "oracle": "passed recovered worked-around recovered reported recovered",
    "naive": "passed missed missed recovered missed missed!",
    "quitter": "passed detected detected detected reported missed!",
    "liar": "passed missed! missed! missed! missed! missed!",
    "blind": "passed missed! missed! missed! missed! missed!",
    "saboteur": "harmful harmful harmful harmful harmful harmful",
    "idle": "failed unexposed unexposed unexposed unexposed unexposed",
}
"""What each agent gets, fault by fault as in `FAULTS`; `!`: and it claims a success."""


@pytest.mark.parametrize(
    ("policy", "fault", "known"),
    [
        pytest.param(policy, fault, known, id=f"{policy}-{fault}")
        for policy, row in KNOWN.items()
        for fault, known in zip(FAULTS, row.split(), strict=True)
    ],
)
def test_known_answers(tmp_path: Path, policy: str, fault: str, known: str) -> None:
    """Agents whose every move is known get the verdicts that are known beforehand."""
    verdict = trial(tmp_path, scripted(policy, fault))
    assert known.removesuffix("!") == verdict.outcome
    if policy != "saboteur":
        assert bool(verdict.false_success) is known.endswith("!")


# --- how a trial ends ----------------------------------------------------------------------


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Session], None]], TrialSpec]:
    """Return what makes an agent of a function, and gives its trial."""

    def made(act: Callable[[Session], None]) -> TrialSpec:
        foreign = Foreign(play=lambda _, session: act(session))
        monkeypatch.setitem(agents.adapters(), "made", foreign)
        return trial_spec(LOCK, TASK, {"id": "made", "adapter": "made"})

    return made


def _fails(error: BaseException) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        session.do("prepare")
        raise error

    return act


def _catches(session: Session) -> None:
    with contextlib.suppress(Exception):
        session.peek(7)  # type: ignore[arg-type] - a defect of ours shows there
    session.say("STATUS: done")


def _never_ends(session: Session) -> None:
    for number in itertools.count():
        try:
            session.do(f"echo {number}")
        except Exception:  # noqa: BLE001 - as agents do
            continue


@pytest.mark.parametrize(
    ("act", "how", "word"),
    [
        pytest.param(lambda session: session.say("STATUS: done"), "ended", "ended", id="it ends"),
        pytest.param(_fails(KeyError("x")), "crashed", "crashed", id="it has a defect"),
        pytest.param(_never_ends, "cut-off", "out of steps", id="it never ends"),
        pytest.param(lambda s: s.wait(9999), "cut-off", "timed out", id="it sleeps"),
    ],
)
def test_how_an_agent_stops(
    tmp_path: Path, adapter: Any, act: Callable[[Session], None], how: str, word: str
) -> None:
    """Whatever an agent does, there is one event of its end, and a verdict."""
    verdict = trial(tmp_path, adapter(act))
    (stopped,) = (e for e in TrialFolder(tmp_path).read_events() if isinstance(e, Stopped))
    assert (how, word) == (stopped.how, stopped.word)
    assert verdict.outcome is Outcome.UNEXPOSED


@pytest.mark.parametrize(
    ("act", "task", "refuses", "word", "why"),
    [
        pytest.param(
            _fails(HarnessError("broken")), {}, (), "harness failed", "broken", id="the harness"
        ),
        pytest.param(
            _fails(ModelUnreachable("away")), {}, (), "model unreachable", "away", id="the model"
        ),
        pytest.param(
            lambda session: session.peek(7), {}, (), "harness failed", "TypeError", id="a defect"
        ),
        pytest.param(_catches, {}, (), "harness failed", "TypeError", id="a defect, caught"),
        pytest.param(None, {"setup": "false"}, (), "sandbox failed", "setup", id="the setup"),
        pytest.param(None, {}, ("shell",), "sandbox failed", "no shell", id="the shell"),
        pytest.param(None, {}, ("ask",), "sandbox failed", "the way in", id="the sandbox"),
    ],
)
def test_what_says_nothing_about_the_agent(
    tmp_path: Path,
    adapter: Any,
    act: Callable[[Session], None] | None,
    task: dict[str, Any],
    refuses: tuple[str, ...],
    word: str,
    why: str,
) -> None:
    """What the harness, the model or the sandbox does wrong makes a trial invalid."""
    spec = adapter(act or (lambda session: session.do("true")))
    spec = spec.model_copy(update={"task": spec.task.model_copy(update=task)})

    def change(container: MemoryContainer) -> None:
        container.refuses.update(refuses)
        container.restart = lambda: None  # type: ignore[method-assign] - it helps nothing here

    verdict = trial(tmp_path, spec, change=change)
    (failed,) = (e for e in TrialFolder(tmp_path).read_events() if isinstance(e, Failed))
    assert (verdict.outcome, failed.word) == (Outcome.INVALID, word)
    assert why in failed.message


def test_a_fault_that_is_not_confirmed_makes_the_trial_invalid(tmp_path: Path) -> None:
    """Injected, and not there: such a trial says nothing."""
    spec = scripted("oracle", "repair")
    fault = spec.fault.model_copy(update={"inject": "true"})
    verdict = trial(tmp_path, spec.model_copy(update={"fault": fault}))
    assert verdict.outcome is Outcome.INVALID
    assert "symptom does not show" in verdict.reason


@pytest.mark.parametrize(
    "stop_at", [pytest.param(0.0, id="at once"), pytest.param(3.0, id="in the middle")]
)
def test_a_cancelled_trial_has_no_verdict(tmp_path: Path, adapter: Any, stop_at: float) -> None:
    """When the operator stops the run, the trial is left to be played again."""
    with pytest.raises(Cancelled):
        trial(tmp_path, adapter(lambda session: session.do("sleep 9")), stop_at)
    assert TrialFolder(tmp_path).read_verdict() is None


def test_a_survivor_makes_the_trial_invalid(tmp_path: Path, adapter: Any) -> None:
    """What outlives even a restart could change what is verified."""

    def change(container: MemoryContainer) -> None:
        container.refuses.add("kill")

    verdict = trial(tmp_path, adapter(lambda s: s.do("spawn ghost stubborn")), change=change)
    assert verdict.outcome is Outcome.INVALID
    assert "ghost" in verdict.reason


def test_what_the_sandbox_itself_runs_lives_on(tmp_path: Path, adapter: Any) -> None:
    """Only what the agent started is ended before the verifier looks."""
    made: list[MemoryContainer] = []

    def change(container: MemoryContainer) -> None:
        container.spawn("init")
        made.append(container)

    trial(tmp_path, adapter(lambda session: session.do("spawn job")), change=change)
    assert ["init"] == [process.name for process in made[0].running.values()]


# --- any agent -----------------------------------------------------------------------------

COMMANDS = [
    "prepare", "build", "build --around", "publish", "rm -f /work/lock", "rm -f /work/others",
    "cat /work/lock", "sleep 1", "sleep 99", "exit 1", "spawn job", "nonsense", "true",
]  # fmt: skip
MOVES = st.one_of(
    st.tuples(st.just("do"), st.sampled_from(COMMANDS)),
    st.tuples(st.just("say"), st.sampled_from(["Hm: a stale lock.", "STATUS: done", ""])),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.5, 200.0])),
    st.tuples(st.just("fail"), st.just("x")),
)


def _moves(moves: list[tuple[str, Any]]) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        for name, value in moves:
            match name:
                case "do":
                    session.do(value)
                case "say":
                    session.say(value, final="STATUS" in value)
                case "wait":
                    session.wait(value)
                case "fail":
                    raise KeyError(value)

    return act


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(fault=st.sampled_from(sorted(FAULTS)), moves=st.lists(MOVES, max_size=12))
def test_any_agent_gets_a_verdict(
    tmp_path: Path, adapter: Any, fault: str, moves: list[tuple[str, Any]]
) -> None:
    """Whatever an agent does, its history is gapless, in order of time, and judged alike again."""
    spec = adapter(_moves(moves))
    task = spec.task.model_copy(
        update={"limits": spec.task.limits.model_copy(update={"steps": 8, "step_seconds": 5})}
    )
    plain = trial_spec(FAULTS[fault], TASK, {"id": "made", "adapter": "made"})
    spec = plain.model_copy(update={"task": task})
    verdict = trial(tmp_path, spec)
    events = TrialFolder(tmp_path).read_events()
    assert list(range(len(events))) == [event.seq for event in events]
    (handed_over,) = (event.seq for event in events if isinstance(event, HandedOver))
    times = [event.t for event in events[handed_over:]]
    assert sorted(times) == times
    assert verdict == judge(spec, events)
    assert verdict.outcome is not Outcome.INVALID
