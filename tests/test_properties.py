"""What must hold of any run: no order, no invalid trial and no second look changes a figure."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.analysis import metrics, run_figures
from harness.analysis.assessment import Assessment
from harness.analysis.sampling import Trial
from harness.analysis.verdict import judge
from harness.error_taxonomy.classify import default
from harness.error_taxonomy.error_report import report_errors
from harness.error_taxonomy.insights import insights
from harness.history.events import Event, Failed, HandedOver
from harness.history.reader import parse
from harness.history.timeline import Timeline
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome
from harness.trajectories import atif, atif_export, run
from harness.trajectories.trajectory import Step, Trajectory
from histories import action, checks, ends, history, injected, observation, trial_spec

if TYPE_CHECKING:
    from harness.analysis.run_figures import Figure

LOCKED = "fatal: index.lock: File exists."
COMMANDS = (
    "ls -l .git",
    "git commit -m x",
    "rm .git/index.lock",
    "make",
    "make | tail -1",
    "echo é",
)
OUTPUTS = ("", "ok\n", LOCKED, "make: *** [all] Error 2\n", "bash: line 1: make: command not found")

ACT = st.tuples(
    st.sampled_from(COMMANDS), st.sampled_from(OUTPUTS), st.sampled_from([0, 0, 1, 2, 127, 128]),
    st.booleans(),
)  # fmt: skip
"""Command, what it prints, exit code, whether it changed the state."""

END = st.fixed_dictionaries(
    {
        "solved": st.sampled_from([True, False, None]),
        "present": st.sampled_from([True, False, None]),
        "changed": st.sampled_from([[], [], ["/work/keep"]]),
        "said": st.sampled_from(["STATUS: done", "STATUS: blocked - a lock", "I am not sure."]),
        "failed": st.sampled_from([False, False, False, True]),
    }
)


FAULT: dict[str, Any] = {
    "id": "lock", "error_type": "git_index_locked",
    "evidence": {"seen": [r"index\.lock: File exists"], "repairs": [r"\brm\b.*lock"],
                 "inspects": [r"\bls\b"], "says": ["lock"]},
}  # fmt: skip


def spec(task: int, agent: str, attempt: int, *, clean: bool) -> TrialSpec:
    """Return the spec of a trial, or of its control."""
    fault = None if clean else FAULT
    return trial_spec(fault, {"id": f"t{task}"}, {"id": agent}, attempt=attempt)


def recorded(acts: list[tuple[str, str, int, bool]], end: dict[str, Any]) -> list[Event]:
    """Return what such a trial leaves behind."""
    steps = (
        [action(n, command, "Hm."),
         observation(n, output, exit_code=code, pipestatus=[code], seconds=0.1,
                     digest=str(n if changed else 0), changed=changed)]
        for n, (command, output, code, changed) in enumerate(acts, 1)
    )  # fmt: skip
    failed = [Failed(message="the engine is gone")] if end["failed"] else []
    found = {key: end[key] for key in ("present", "solved", "changed")}
    return history(
        HandedOver(before=0.0), injected(), *steps, ends(end["said"]), failed, checks(**found)
    )


@st.composite
def trials(draw: st.DrawFn) -> list[Trial]:
    """Draw a run: tasks, agents and attempts, each once, judged by the rules."""
    keys = st.tuples(st.integers(1, 3), st.sampled_from("ab"), st.integers(1, 2), st.booleans())
    return [
        tried(spec(task, agent, attempt, clean=clean),
              recorded(draw(st.lists(ACT, max_size=4)), draw(END)))
        for task, agent, attempt, clean in draw(st.lists(keys, unique=True, max_size=8))
    ]  # fmt: skip


def tried(of: TrialSpec, events: list[Event]) -> Trial:
    return Trial(of, judge(of, events), Assessment(of, events))


def told(run: list[Trial]) -> dict[str, Figure]:
    """Return every figure of a run, and the rates of `show`."""
    unfixable = {t.spec.trial for t in run if not t.spec.fault.fixable}
    verdicts = [t.verdict for t in run]
    kinds = {f"{name}: {value}": rate for (name, value), rate in run_figures.kinds(run).items()}
    return {
        **run_figures.figures(run), **kinds,
        "shown recovery": metrics.recovery(verdicts, unfixable),
        "shown reporting": metrics.reporting(verdicts, unfixable),
        "shown control": metrics.control(verdicts),
    }  # fmt: skip


def rates(found: dict[str, Figure]) -> dict[str, Any]:
    """Return rates whole, and of averages the value and number: sums differ in their last digit."""
    return {
        name: one
        if isinstance(one, metrics.Rate)
        else (one.trials, one.value and pytest.approx(one.value))
        for name, one in found.items()
    }


@given(trials().flatmap(lambda run: st.tuples(st.just(run), st.permutations(run))))
@settings(max_examples=60)
def test_the_order_of_trials_is_no_fact(both: tuple[list[Trial], list[Trial]]) -> None:
    """Trials are independent: told in another order, they have the same rates."""
    run, shuffled = both
    assert rates(told(run)) == rates(told(shuffled))


@given(trials(), st.integers(0, 8), st.lists(ACT, max_size=3), st.booleans(), END)
@settings(max_examples=60)
def test_an_invalid_trial_counts_nowhere(
    run: list[Trial], place: int, acts: list[tuple[str, str, int, bool]], clean: bool, end: Any
) -> None:
    """What the harness or its machine failed at says nothing about any agent."""
    events = recorded(acts, {**end, "failed": True})
    lost = tried(spec(9, "a", 1, clean=clean), events)
    assert lost.verdict.outcome is Outcome.INVALID
    assert told(run) == told([*run[:place], lost, *run[place:]])


@given(st.lists(ACT, max_size=5), END, st.booleans())
def test_judging_again_changes_nothing(
    acts: list[tuple[str, str, int, bool]], end: dict[str, Any], clean: bool
) -> None:
    """A verdict is a function of the history: the stored one has the same, and is left as it is."""
    of, events = spec(1, "a", 1, clean=clean), recorded(acts, end)
    kept = deepcopy(events)
    first = judge(of, events)
    assert kept == events
    stored_spec = TrialSpec.model_validate_json(of.model_dump_json(by_alias=True))
    assert first == judge(stored_spec, parse(event.model_dump_json() for event in events))
    assert first == type(first).model_validate_json(first.model_dump_json())


@given(st.lists(ACT, max_size=5), END)
def test_what_is_exported_can_be_imported(
    tmp_path_factory: pytest.TempPathFactory,
    acts: list[tuple[str, str, int, bool]],
    end: dict[str, Any],
) -> None:
    """Through ATIF come back: commands, words, exit codes, seconds, outputs, and the outcome."""
    of, events = spec(1, "a", 1, clean=False), recorded(acts, end)
    path = tmp_path_factory.mktemp("atif") / "trial.json"
    verdict = judge(of, events)
    path.write_text(
        json.dumps(atif_export.document(Assessment(of, events), verdict)), encoding="utf-8"
    )
    (back,) = atif.read(path).trajectories
    assert (of.trial, of.task.id, of.agent.id) == (back.id, back.task, back.agent)
    assert back.solved == verdict.solved
    assert [carried(s) for s in run.steps(Timeline(events))] == [carried(s) for s in back.steps]


def carried(step: Step) -> tuple[Any, ...]:
    """Return what ATIF has a place for."""
    return step.command, step.message, step.exit_code, step.seconds, step.text.rstrip("\n")


@given(
    st.lists(st.lists(ACT, max_size=4), min_size=1, max_size=4).flatmap(
        lambda runs: st.tuples(st.just(runs), st.permutations(range(len(runs))))
    )
)
@settings(max_examples=25)
def test_the_order_of_trajectories_is_no_fact(
    both: tuple[list[list[tuple[str, str, int, bool]]], list[int]],
) -> None:
    """Errors by category and their recovery are the same in whatever order they were read."""
    runs, order = both
    whole = [
        Trajectory(
            id=f"r{n}", task="t", agent="a", solved=bool(n % 2),
            steps=tuple(Step(command=c, stdout=o, exit_code=x) for c, o, x, _ in acts),
        )
        for n, acts in enumerate(runs)
    ]  # fmt: skip
    taxonomy = default().taxonomy
    one, other = (
        insights([report_errors(t, default()) for t in group], taxonomy)
        for group in (whole, [whole[n] for n in order])
    )
    assert (one.errors, one.recovery, one.gap) == (other.errors, other.recovery, other.gap)
    assert {c.category: c for c in one.categories} == {c.category: c for c in other.categories}
    assert {(t.error_type, t.recovery, t.fatal) for t in one.types} == {
        (t.error_type, t.recovery, t.fatal) for t in other.types
    }
