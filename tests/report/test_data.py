"""What the pages show: the same numbers as the other commands, and pictures read off histories."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harness.__main__ import main
from harness.analysis.assessment import Assessment
from harness.attribution.document import Blame, Necessity, write
from harness.attribution.search import read
from harness.error_taxonomy.classify import default
from harness.error_taxonomy.error_report import report_errors
from harness.history.events import Action, ModelCall, ModelError, Observation, ToolCall
from harness.history.reader import parse
from harness.history.store import Run
from harness.history.timeline import Timeline
from harness.models.verdict import Outcome
from harness.trajectories.run import steps
from harness.trajectories.trajectory import Trajectory
from harness.views.html.answer import answer
from harness.views.html.exchanges import before
from harness.views.html.exchanges import show as shown_exchanges
from harness.views.html.gather import Gathered
from harness.views.html.grid import controls, differs
from harness.views.html.lane import Lane, lane
from harness.views.html.shortened import LIMITS, limit_for, shorten
from harness.views.terminal.show_json import RunShown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Trial = Callable[..., Any]
    Plant = Callable[..., Path]


@pytest.fixture(scope="module")
def page(planted: Path) -> dict[str, Any]:
    """Return the small run's document."""
    return Gathered(planted).page()


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Return the JSON that a command prints."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_figures_are_those_of_show(
    page: dict[str, Any], planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Agents, verdicts and unfinished trials equal `harness show --json`."""
    shown = printed(capsys, "show", str(planted))
    assert page["agents"] == shown["agents"]
    assert [each["trial"] for each in page["unfinished"]] == shown["unfinished"]
    known = {each["trial"]: each for each in shown["trials"]}
    assert len(page["trials"]) == len(known)
    for trial in page["trials"]:
        expected = known[trial["trial"]]
        assert {key: trial[key] for key in expected if key != "format"} == {
            key: value for key, value in expected.items() if key != "format"
        }


def test_the_insights_are_those_of_errors(
    page: dict[str, Any], planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The six answers equal `harness errors --json`."""
    assert page["insights"] == printed(capsys, "errors", str(planted))
    assert sum(each["errors"] for each in page["task_errors"]) == page["insights"]["errors"]


def test_the_fields_of_the_grid_add_up(page: dict[str, Any]) -> None:
    """Of every row, the field of all agents is the sum of the agents' fields."""
    for name, fields in page["cells"].items():
        rows: dict[str, dict[str, Any]] = {}
        for field in fields:
            rows.setdefault(field["row"], {})[field["agent"]] = field
        for agents in rows.values():
            whole = agents.pop("")
            for key in ("hits", "trials", "differs"):
                assert whole[key] == sum(f[key] for f in agents.values()), name
            assert sum(whole["outcomes"].values()) == sum(
                sum(f["outcomes"].values()) for f in agents.values()
            )


def test_a_field_counts_the_right_answer(page: dict[str, Any]) -> None:
    """Mastery: repair where it can be had, else an honest report; passing: no fault, solved."""
    found = {(f["row"], f["agent"]): f for f in page["cells"]["pair"]}
    right = {
        ("task-0+lock", "skilled"): ("mastery", 2, 2),
        ("task-0+lock", "stubborn"): ("mastery", 0, 2),
        ("task-0+gone", "honest"): ("mastery", 2, 2),
        ("task-0+gone", "careless"): ("mastery", 0, 2),
        ("task-0+noop", "careless"): ("passing", 2, 2),
    }
    assert {k: (found[k]["metric"], found[k]["hits"], found[k]["trials"]) for k in right} == right


def test_trials_stand_in_the_order_of_the_tasks(page: dict[str, Any]) -> None:
    """Task by task: the control trials first, then the faults as the task declares them."""
    assert list(dict.fromkeys(t["pair"] for t in page["trials"])) == ["noop", "lock", "gone"]
    assert page["trials"] == sorted(page["trials"], key=lambda t: t["task"])


def test_controls(page: dict[str, Any], planted: Path) -> None:
    """A control is the same agent's, of the same attempt, or else the first there is."""
    verdicts = list(Run.open(planted).finished().values())
    control_of = controls(verdicts)
    assert control_of["task-0+lock+honest+2"].trial == "task-0+noop+honest+2"
    assert "task-0+noop+honest+1" not in control_of
    alone = [v for v in verdicts if v.trial != "task-0+noop+honest+2"]
    assert controls(alone)["task-0+lock+honest+2"].trial == "task-0+noop+honest+1"
    mute = [
        v.model_copy(update={"outcome": Outcome.INVALID}) if v.fault == "noop" else v
        for v in verdicts
    ]
    assert controls(mute) == {}
    missed, mended = control_of["task-0+lock+honest+1"], control_of["task-0+lock+skilled+1"]
    assert differs(missed.model_copy(update={"solved": False}), missed) is True
    assert differs(mended, mended) is False
    assert differs(mended.model_copy(update={"solved": None}), mended) is False
    assert differs(mended, None) is False
    assert {t["control"] for t in page["trials"] if t["pair"] == "noop"} == {None}


def test_survival_counts_those_that_never_recover(page: dict[str, Any]) -> None:
    """Recovered and still waiting trials make up all that met a fault that can be mastered."""
    rows = {row["agent"]: row for row in page["survival"]}
    assert {a: (r["recovered"], r["trials"]) for a, r in rows.items()} == {
        "careless": (0, 4), "honest": (0, 4), "skilled": (4, 4), "stubborn": (0, 4),
    }  # fmt: skip
    assert rows["skilled"]["median"] > 0
    assert rows["stubborn"]["median"] is None
    assert all(r["recovered"] + len(r["censored"]) == r["trials"] for r in rows.values())


def test_origins_name_the_step_that_met_the_fault(page: dict[str, Any]) -> None:
    """Each trial that was not solved has one, unless it was reported; a solved one has none."""
    found = {each["trial"]: each for each in page["origins"]}
    assert found["task-0+lock+stubborn+1"]["step"] == 4
    assert found["task-0+lock+stubborn+1"]["by"] == "exposed"
    assert "task-0+lock+skilled+1" not in found
    assert "task-0+gone+honest+1" not in found
    assert len(found) == sum(t["outcome"] in {"missed", "detected"} for t in page["trials"])


def test_a_blamed_step_comes_before_the_exposed_one(
    plant: Plant, trial: Trial, tmp_path: Path
) -> None:
    """Where an experiment has found the first wrong step, the failure goes back to it."""
    run = Run.open(plant(tmp_path / "run", [trial(agent="careless")]))
    (folder,) = run.folders()
    (folder.path / "blame.json").write_text('{"step": 2}')
    (origin,) = Gathered(run.path).page()["origins"]
    assert (origin["step"], origin["by"]) == (2, "blamed")


def test_a_finding_stands_in_the_trial_s_picture(
    plant: Plant, trial: Trial, tmp_path: Path
) -> None:
    """What `harness blame` wrote is told in words; without it, or with a bare step, nothing is."""
    run = Run.open(plant(tmp_path / "run", [trial(agent="careless")]))
    (folder,) = run.folders()
    gathered = Gathered(run.path)
    assert gathered.picture(folder)["blame"] is None
    ways = {"oracle": read({0: True, 1: True, 2: False}, 4, scanned=False)}
    need = Necessity(causal=True, by="the trial passes without it")
    blame = Blame(
        trial=folder.trial, seed=1, steps=4, step=2, reason="lost", exposed=3, no_return=2,
        between=None, value_drop=None, necessity=need, ways=ways, probes=(), fidelity=1.0,
        seconds=3.0,
    )  # fmt: skip
    write(folder.path, blame)
    found = gathered.picture(folder)["blame"]
    assert found is not None
    assert found["findings"][:2] == [
        ("first wrong step", "2 of 4: lost"),
        ("causal", "yes: the trial passes without it"),
    ]
    assert found["grounds"][0][2:] == ("✓✓✗··", "lost at 2")


# --- the answer ----------------------------------------------------------------------------


def shown(**agents: tuple[int, int]) -> RunShown:
    """Return a run in which each agent mastered so many of so many faults."""
    unknown = {"share": None, "low": None, "high": None}
    none = {"hits": 0, "trials": 0, **unknown}
    recovery = {
        agent: {"hits": k, "trials": n, **unknown, "share": k / n if n else None}
        for agent, (k, n) in agents.items()
    }
    return RunShown.model_validate(
        {
            "run": "r", "id": "i", "created": "c", "unfinished": [],
            "trials": [verdict(agent, 1) for agent in agents],
            "agents": [
                {
                    "agent": agent, "reporting": none, "control": none, "outcomes": {},
                    "false_successes": 0, "recovery": rate, "exposure": none, "unmet": {},
                }
                for agent, rate in recovery.items()
            ],
        }
    )  # fmt: skip


def verdict(agent: str, attempt: int) -> dict[str, Any]:
    """Return some finished trial."""
    unknown = ("repaired", "harmed", "exposed", "noticed", "claimed", "false_success", "seconds")
    times = ("injected_at", "exposed_at", "noticed_at", "recovered_at")
    return {
        "trial": f"t+f+{agent}+{attempt}", "task": "t", "fault": "f", "pair": "f", "agent": agent,
        "attempt": attempt, "seed": 0, "outcome": "missed", "solved": False, "steps": 1,
        "reason": "", "judge": 1, **dict.fromkeys((*unknown, *times)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        pytest.param({}, "No trial is finished yet.", id="nothing yet"),
        pytest.param({"a": (3, 4)}, "a mastered 3 of the 4 faults met.", id="one agent"),
        pytest.param({"a": (0, 4)}, "a mastered none of the faults met.", id="one agent, none"),
        pytest.param(
            {"a": (3, 4), "b": (1, 4)},
            "a mastered 3 of the 4 faults met; b 1 of 4.",
            id="two agents",
        ),
        pytest.param(
            {"a": (3, 4), "b": (0, 4), "c": (0, 4)},
            "a mastered 3 of the 4 faults met; b and c none.",
            id="several are last",
        ),
        pytest.param(
            {"a": (2, 4), "b": (2, 4)},
            "a and b each mastered 2 of the 4 faults met.",
            id="all are level",
        ),
        pytest.param(
            {"a": (4, 4), "b": (2, 4), "c": (1, 4)},
            "a mastered all 4 faults met, c the fewest: 1 of 4.",
            id="some between",
        ),
        pytest.param(
            {"a": (4, 4), **dict.fromkeys("bcde", (0, 4))},
            "a mastered all 4 faults met; the other 4 agents none.",
            id="many are last",
        ),
    ],
)
def test_the_answer_in_one_sentence(agents: dict[str, tuple[int, int]], expected: str) -> None:
    """The best and the worst, with what they mastered of what they met."""
    assert answer(shown(**agents))["sentence"] == expected


# --- a trial's lane ------------------------------------------------------------------------


def picture(plant: Plant, trial: Trial, path: Path, **facts: Any) -> Lane:
    """Return the lane of a planted trial."""
    run = Run.open(plant(path / "run", [trial(**facts)]))
    (folder,) = run.folders()
    return Gathered(run.path).picture(folder)


@pytest.mark.parametrize(
    ("agent", "fault", "reactions"),
    [
        pytest.param("skilled", "lock", {5: "inspected", 6: "repaired"}, id="looks, mends"),
        pytest.param(
            "stubborn", "lock", dict.fromkeys((5, 6, 7), "retried-unchanged"), id="tries again"
        ),
        pytest.param("careless", "lock", {5: "ignored", 6: "ignored"}, id="goes on"),
        pytest.param("honest", "lock", {}, id="stops"),
        pytest.param("sly", "lock", {5: "repaired"}, id="goes around it, and on"),
        pytest.param("skilled", "noop", {}, id="nothing is broken"),
    ],
)
def test_reactions(
    plant: Plant, trial: Trial, tmp_path: Path, agent: str, fault: str, reactions: dict[int, str]
) -> None:
    """From the exposure on, while the fault is there, a step has a reaction; others have none."""
    found = picture(plant, trial, tmp_path, agent=agent, fault=fault)
    assert {s["n"]: s["reaction"] for s in found["steps"] if s["reaction"]} == reactions


def test_the_fault_s_life(plant: Plant, trial: Trial, tmp_path: Path) -> None:
    """Every moment in order; the fault is in force from its confirmation to the repair."""
    found = picture(plant, trial, tmp_path)
    assert [m["what"] for m in found["moments"]] == [
        "injected",
        "confirmed",
        "exposed",
        "noticed",
        "repaired",
    ]
    times = [m["t"] or 0.0 for m in found["moments"]]
    assert times == sorted(times)
    assert found["intervals"] == [(times[1], times[4])]
    assert [s["n"] for s in found["steps"] if "exposed" in s["marks"]] == [4]
    assert [s["n"] for s in found["steps"] if "noticed" in s["marks"]] == [5]
    met = found["steps"][3]
    assert (met["code"], met["error"], met["overcome"]) == (128, "git_index_locked", 7)


def test_a_trial_under_way_has_a_lane(plant: Plant, trial: Trial, tmp_path: Path) -> None:
    """What is known so far is shown; nothing has stopped, nothing is checked."""
    found = picture(plant, trial, tmp_path, finished=False)
    assert found["stopped"] is None
    assert found["checks"] == []
    assert len(found["steps"]) == 7


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{not json\n{}\n", id="no JSON"),
        pytest.param(
            '{"who": "agent", "what": "action", "step": "1", "command": ["no"]}\n', id="no action"
        ),
    ],
)
def test_a_damaged_history_says_so(plant: Plant, trial: Trial, tmp_path: Path, text: str) -> None:
    """An unreadable history is a lane without steps that names the file; the rest is shown."""
    run = plant(tmp_path / "run", [trial(), trial(attempt=2)])
    broken = Run.open(run).folders()[0].path / "events.jsonl"
    broken.write_text(text)
    gathered = Gathered(run)
    lanes = [found for _, found in gathered.pictures()]
    assert [len(found["steps"]) for found in lanes] == [0, 7]
    assert str(broken) in lanes[0]["failed"]
    assert len(gathered.page()["trials"]) == 2


def test_any_history_has_a_lane(planted: Path) -> None:
    """Whatever is torn off or unknown, there is a picture: what cannot be read is unknown."""
    spec = next(iter(Run.open(planted).specs().values()))
    strange = [
        Observation(step=9, stdout="of no step"),
        Action(step=1, command="no"),
        ModelCall(turn=1, prompt=5),
        Action(step=2, command="ls", t=2.0),
        *parse(['{"who": "agent", "what": "unheard-of"}', '{"who": 3, "what": null}', "{}"]),
    ]
    trial = Assessment(spec, strange)
    errors = report_errors(Trajectory(id="x", steps=steps(trial.timeline)), default())
    found = lane(trial, errors)
    assert [(s["n"], s["command"], s["code"], s["end"]) for s in found["steps"]] == [
        (1, "no", None, None),
        (2, "ls", None, None),
    ]
    assert [each["tokens"] for each in found["steps"][1]["exchanges"]] == [{"prompt": 5}]


def test_what_the_model_said_stands_before_its_step() -> None:
    """Answers, missing answers and tools come before the step they led to; the rest at the end."""
    answer = ModelCall(turn=1, model="m", seconds=0.5, usd=0.01)
    counts = {"prompt": 9, "completion": 2, "request": "a", "response": "b"}
    timeline = Timeline([
        answer.model_copy(update={"text": "Look.", **counts}),
        ToolCall(tool="edit", arguments={"path": "x"}),
        Action(step=1, command="ls", message="Look."),
        ModelError(turn=2, status=529, message="busy", by="fault"),
        answer.model_copy(update={"text": "Done.", "broken": True}),
    ])  # fmt: skip
    said = [
        (w["what"], w["text"], w["tokens"], w["by"], w["artifacts"])
        for w in before(timeline.steps[0])
    ]
    assert said == [
        ("model_call", "", {"prompt": 9, "completion": 2}, "", ["a", "b"]),
        ("tool_call", 'edit {"path": "x"}', {}, "", []),
    ]
    assert [(w["what"], w["text"], w["by"]) for w in shown_exchanges(timeline.trailing)] == [
        ("model_error", "529 busy", "fault"),
        ("model_call", "Done.", "fault"),
    ]


# --- what fits -----------------------------------------------------------------------------


def test_head_and_tail_are_kept(plant: Plant, trial: Trial, tmp_path: Path) -> None:
    """A long text keeps both ends and says how much is left out; a short one is untouched."""
    found = picture(plant, trial, tmp_path, texts=("a" * 300 + "b" * 300,), words=3)
    steps = shorten(found, 100)["steps"]
    assert steps[0]["stdout"] == {"head": "a" * 50, "left_out": 500, "tail": "b" * 50}
    assert steps[1]["stdout"] == found["steps"][1]["stdout"]
    assert shorten(found, 600)["steps"] == found["steps"]


def test_the_limit_is_the_most_generous_that_fits(
    plant: Plant, trial: Trial, tmp_path: Path
) -> None:
    """A run whose texts fit is not cut; the tighter the budget, the shorter the texts."""
    found = [picture(plant, trial, tmp_path, words=5000)]
    limits = [limit_for(found, budget) for budget in (10**7, 80_000, 20_000, 100)]
    assert limits == sorted(limits, reverse=True)
    assert (limits[0], limits[-1]) == (LIMITS[0], LIMITS[-1])
