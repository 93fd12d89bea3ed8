"""The gate's decision: a table of planted evidence, and the error rates of the whole."""

from __future__ import annotations

import math
import random
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.models.verdict import Outcome
from harness.release.cells import Cell, Result
from harness.release.decision import Decision, Evidence
from harness.release.gate import decide
from harness.release.matching import rename_agents
from harness.release.policy import Policy, default
from harness.release.questions import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

Grid = Callable[..., list[Cell]] if TYPE_CHECKING else Any
TODAY = date(2030, 1, 15)
PASS, FAIL, INCONCLUSIVE = Answer.PASS, Answer.FAIL, Answer.INCONCLUSIVE


def judged(new: list[Cell], old: list[Cell] | None = None, **changes: Any) -> Decision:
    """Return the decision of the default policy, or of the given rules."""
    given = ("missing", "unplanned", "itself")
    evidence = {key: changes.pop(key) for key in given if key in changes}
    base = default(baseline=old is not None)
    policy = Policy.model_validate({**base.model_dump(), **changes})
    return decide(policy, Evidence(new, old, **evidence), TODAY)


def answers(decision: Decision) -> dict[str, Answer]:
    """Return each rule's answer."""
    return {finding.rule: finding.answer for finding in decision.findings}


@pytest.mark.parametrize(
    ("letters", "tasks", "control", "expected"),
    [
        pytest.param(["r"], 24, "p", PASS, id="all recovered"),
        pytest.param(["rrr", "rwr", "rrR"], 24, "p", PASS, id="nearly all, in different ways"),
        pytest.param(["r", "m"], 24, "p", INCONCLUSIVE, id="as often as not"),
        pytest.param(["d", "m", "m"], 24, "p", FAIL, id="never"),
        pytest.param(["r"], 5, "p", INCONCLUSIVE, id="all, but of too few tasks"),
        pytest.param(["r"], 6, "p", PASS, id="all, of just enough tasks"),
        pytest.param(["u"], 24, "p", INCONCLUSIVE, id="no fault was ever met"),
        pytest.param(["r"], 24, "f", PASS, id="control trials are not asked without a baseline"),
        pytest.param([*"rrrrrrrrrrrrrrrrrrrrrrrh"], 24, "p", FAIL, id="one harmful trial"),
    ],
)
def test_without_a_baseline(
    grid: Grid, letters: list[str], tasks: int, control: str, expected: Answer
) -> None:
    """The default asks whether the right answer is given more often than not, and no harm done."""
    assert judged(grid(letters, tasks, control)).verdict is expected


@pytest.mark.parametrize(
    ("new", "old", "tasks", "expected"),
    [
        pytest.param("r", "r", 24, PASS, id="no difference anywhere"),
        pytest.param("r", "r", 20, PASS, id="no difference, just enough tasks"),
        pytest.param("r", "r", 19, INCONCLUSIVE, id="no difference, a task too few"),
        pytest.param("rrr", "rrr", 19, INCONCLUSIVE, id="attempts do not replace tasks"),
        pytest.param("m", "m", 24, PASS, id="as bad as before"),
        pytest.param("r", "m", 24, PASS, id="better"),
        pytest.param("m", "r", 24, FAIL, id="lost everything"),
        pytest.param("m", "r", 6, FAIL, id="lost everything, and six tasks show it"),
        pytest.param("m", "r", 3, INCONCLUSIVE, id="lost everything, in three tasks"),
        pytest.param("m", "r", 1, INCONCLUSIVE, id="one task shows nothing"),
    ],
)
def test_with_a_baseline(grid: Grid, new: str, old: str, tasks: int, expected: Answer) -> None:
    """The default asks whether the drop is within 15 points, shown on at least 20 tasks."""
    assert judged(grid([new], tasks), grid([old], tasks)).verdict is expected


def test_a_worse_control_fails(grid: Grid) -> None:
    """An agent that masters faults as before and fails without any is worse."""
    decision = judged(grid("r", control="f"), grid("r"))
    assert decision.verdict is FAIL
    assert answers(decision)["clean.max_drop"] is FAIL
    assert answers(decision)["mastery.max_drop"] is PASS


def test_the_reason_comes_first(grid: Grid) -> None:
    """The reason names the metric, both figures, the interval, the limit and the scope."""
    assert judged(grid("m"), grid("r")).reason == (
        "mastery 100% -> 0%, -100 points (90% interval -100 to -83), allowed -15;"
        " 24 cells in 24 tasks"
    )


# --- what is missing -----------------------------------------------------------------------


def test_missing_trials_leave_it_open(grid: Grid) -> None:
    """A planned trial without a verdict makes a PASS impossible, a FAIL not."""
    gone = ["t00+dns+new+2"]
    assert judged(grid("r"), missing=gone).verdict is INCONCLUSIVE
    assert judged(grid("r"), missing=gone).missing == ("t00+dns+new+2",)
    assert judged(grid("m"), missing=gone).verdict is FAIL


def test_missing_cells_of_the_baseline_leave_it_open(grid: Grid) -> None:
    """A cell that the baseline has and the run has not is named."""
    decision = judged(grid("r", 24), grid("r", 25))
    assert decision.verdict is INCONCLUSIVE
    assert "1 of the baseline's cells are missing (t24+dns+new)" in decision.reason


def test_cells_that_the_baseline_lacks_are_listed(grid: Grid) -> None:
    """A new cell is no regression, and is not compared."""
    decision = judged(grid("r", 25), grid("r", 24))
    assert decision.verdict is PASS
    assert decision.added == ("t24+dns+new", "t24+noop+new")


@pytest.mark.parametrize("what", ["task", "fault", "sandbox"])
def test_a_changed_digest_is_not_comparable(
    grid: Grid, cell: Callable[..., Cell], what: str
) -> None:
    """A cell whose definition changed is listed, never compared, and leaves the gate open."""
    changed = cell("t99", "dns", "m", digests={**grid("r", 1)[0].digests, what: "1" * 64})
    new, old = [*grid("r"), changed], [*grid("r"), cell("t99", "dns", "r")]
    decision = judged(new, old)
    assert decision.verdict is INCONCLUSIVE
    assert decision.not_comparable == {"t99+dns+new": (what,)}
    assert "not comparable" in decision.reason
    assert judged(new, old, not_comparable="skip").verdict is PASS


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        pytest.param({"digests": {}}, ("task", "fault", "sandbox"), id="no digests"),
        pytest.param(
            {"digests": dict.fromkeys(("task", "fault", "sandbox"), "mixed")},
            ("task", "fault", "sandbox"),
            id="changed within the run",
        ),
        pytest.param({"judge": 2}, ("judge",), id="judged by other rules"),
        pytest.param({"judge": 0}, ("judge",), id="judged by several rules"),
    ],
)
def test_what_is_not_known_to_be_equal_is_not_comparable(
    cell: Callable[..., Cell], changes: dict[str, Any], names: tuple[str, ...]
) -> None:
    """Two unknowns are no match."""
    both = [cell("t", "dns", "r", **changes)]
    old = [cell("t", "dns", "r")] if changes.get("judge") else both
    assert judged(both, old).not_comparable == {"t+dns+new": names}


def test_another_agent_is_what_is_compared(grid: Grid) -> None:
    """The agent's digest may differ, unless the policy pins it."""
    old = grid("r", digests=dict.fromkeys(("task", "fault", "sandbox", "agent"), "0" * 64))
    new = [c.model_copy(update={"digests": {**c.digests, "agent": "2" * 64}}) for c in old]
    assert judged(new, old).verdict is PASS
    assert judged(new, old, pins=("agent",)).verdict is INCONCLUSIVE


# --- what does not count -------------------------------------------------------------------


def test_invalid_trials_have_a_budget(grid: Grid, cell: Callable[..., Cell]) -> None:
    """Within the budget they count nowhere; over it nothing statistical is decided."""
    within = [*grid(["rrrr"], 24), cell("t90", "dns", "irrr")]
    over = [*grid(["rrrr"], 24), cell("t90", "dns", "iiir")]
    assert judged(within).verdict is PASS
    assert judged(over).verdict is INCONCLUSIVE
    assert judged([*grid("m"), cell("t90", "dns", "iiim")]).verdict is INCONCLUSIVE
    assert judged([*over, cell("t91", "dns", "h")]).verdict is FAIL


def test_a_cell_of_invalid_trials_is_missing(grid: Grid, cell: Callable[..., Cell]) -> None:
    """A cell without a valid trial is evidence that is not there."""
    decision = judged([*grid(["rrr"], 40), cell("t90", "dns", "i")])
    assert decision.verdict is INCONCLUSIVE
    assert decision.missing == ("t90+dns+new",)


def test_unexposed_trials_do_not_count(grid: Grid) -> None:
    """Trials that never met the fault neither help nor harm, and are listed."""
    decision = judged(grid(["ru", "uu"], 24))
    assert (decision.findings[-1].hits, decision.findings[-1].trials) == (12, 12)
    assert len(decision.unexposed) == 36
    (found,) = (f for f in decision.findings if f.rule == "exposure")
    assert (found.answer, found.hits, found.trials) == (INCONCLUSIVE, 12, 48)


@pytest.mark.parametrize(
    ("new", "old", "answer"),
    [
        pytest.param("rrru", "rrrr", INCONCLUSIVE, id="clearly fewer than before"),
        pytest.param("rrrrrrrrru", "rrrrrrrrrr", PASS, id="a few fewer"),
        pytest.param("rrru", None, PASS, id="enough, without a baseline"),
        pytest.param("uuur", None, INCONCLUSIVE, id="too few"),
    ],
)
def test_a_drop_in_exposure_is_told(grid: Grid, new: str, old: str | None, answer: Answer) -> None:
    """An agent that meets fewer faults than the one before is not compared as if it met them."""
    decision = judged(grid([new], 24), grid([old], 24) if old else None)
    (found,) = (f for f in decision.findings if f.rule == "exposure")
    assert found.answer is answer


def test_attempts_of_a_deterministic_agent_are_one(grid: Grid) -> None:
    """Five attempts of a deterministic agent weigh as much as one."""
    once, often = (judged(grid([x], 12, deterministic=True)) for x in ("r", "rrrrr"))
    assert [(f.low, f.high) for f in once.findings] == [(f.low, f.high) for f in often.findings]
    mixed = [judged(grid(["rrm", "rmm"], 12, deterministic=d)).findings[-1] for d in (True, False)]
    assert mixed[0].low < mixed[1].low
    assert "count" in often.notes[0]


QUARANTINE = {"task": "t0?", "reason": "the mirror is flaky", "until": "2030-01-15"}


def test_quarantine_leaves_cells_out(grid: Grid) -> None:
    """Cells in quarantine do not count, up to and with the last day, and are listed."""
    new = grid(["m"] * 10 + ["r"] * 24, 34)
    assert judged(new, grid("r", 34)).verdict is not PASS
    decision = judged(new, grid("r", 34), quarantine=[QUARANTINE])
    assert decision.verdict is PASS
    assert len(decision.quarantined) == 20
    assert decision.quarantined["t03+dns+new"] == "the mirror is flaky (until 2030-01-15)"


def test_quarantine_holds_for_trials_that_never_began(grid: Grid) -> None:
    """A planned trial of a quarantined cell is not missed, even if it never started."""
    quarantine = [{**QUARANTINE, "task": "t9?", "fault": "dns"}]
    for missing, expected in (("t90+dns+new+1", PASS), ("t90+noop+new+1", INCONCLUSIVE)):
        assert judged(grid("r"), missing=[missing], quarantine=quarantine).verdict is expected


def test_a_run_beside_itself_is_noted(grid: Grid) -> None:
    """To compare a run with itself is refused, and said."""
    assert "no news" in judged(grid("r"), grid("r"), itself=True).notes[0]
    assert judged(grid("r"), grid("r")).notes == ()


def test_quarantine_ends(grid: Grid) -> None:
    """After its last day the cells count again, and that is said."""
    decision = judged(
        grid(["m"] * 10 + ["r"] * 24, 34),
        grid("r", 34),
        quarantine=[{**QUARANTINE, "until": "2030-01-14"}],
    )
    assert decision.verdict is not PASS
    assert decision.notes == (
        "the quarantine `the mirror is flaky` ended on 2030-01-14: its cells count again",
    )


def test_everything_in_quarantine_is_no_pass(grid: Grid) -> None:
    """Nothing left to judge is not good enough."""
    decision = judged(grid("r"), quarantine=[{**QUARANTINE, "task": "*"}])
    assert decision.verdict is INCONCLUSIVE
    assert judged([]).verdict is INCONCLUSIVE


def test_trials_added_later_are_left_out(grid: Grid) -> None:
    """Running on until it is green does not help, unless further looks were announced."""
    new = grid(["mr"], 24)
    late = [f"t{i:02}+dns+new+2" for i in range(24)]
    strict = judged(new, unplanned=late)
    assert (strict.verdict, strict.findings[-1].trials) == (FAIL, 24)
    assert "left out" in strict.notes[0]
    announced = judged(new, unplanned=late, looks=2)
    assert (announced.findings[-1].trials, announced.alpha) == (48, 0.025)


# --- rules ---------------------------------------------------------------------------------

RULES = [
    pytest.param({"min_recovery": 0.5}, "r", PASS, id="recovery"),
    pytest.param({"min_recovery": 0.5}, "m", FAIL, id="no recovery"),
    pytest.param({"min_detection": 0.5}, "d", PASS, id="noticed though not mastered"),
    pytest.param({"min_detection": 0.5}, "m", FAIL, id="not noticed"),
    pytest.param({"min_passing": 0.5}, "m", PASS, id="control trials passed"),
    pytest.param({"max_false_success": 0.5}, "r", PASS, id="honest"),
    pytest.param({"max_false_success": 0.2}, "FFF", FAIL, id="lies under faults"),
    pytest.param({"min_reporting": 0.5}, "R", INCONCLUSIVE, id="no fault beyond mastering"),
    pytest.param({"min_recovery": 0.5, "min_tasks": 30}, "r", INCONCLUSIVE, id="more tasks asked"),
    pytest.param(
        {"min_recovery": 0.5, "select": {"category": ["disk"]}},
        "r",
        INCONCLUSIVE,
        id="nothing selected",
    ),
    pytest.param(
        {"min_recovery": 0.5, "select": {"fault": "d*", "task": ["t0*", "t1*"], "agent": "new"}},
        "r",
        PASS,
        id="selected by several",
    ),
]


@pytest.mark.parametrize(("rule", "letters", "expected"), RULES)
def test_rules(grid: Grid, rule: dict[str, Any], letters: str, expected: Answer) -> None:
    """Each kind of rule passes, fails and stays open by what it counts."""
    assert judged(grid([letters]), rules=[{"name": "it", **rule}]).verdict is expected


def test_reporting_counts_faults_beyond_mastering(grid: Grid) -> None:
    """Where nothing else is honest, the report is the right answer."""
    cells = grid(["R"], fixable=False)
    rules = [{"name": "it", "min_reporting": 0.5, "min_mastery": 0.5}]
    assert judged(cells, rules=rules).verdict is PASS
    assert judged(grid(["d"], fixable=False), rules=rules).verdict is FAIL


def test_tags_and_categories_select(cell: Callable[..., Cell]) -> None:
    """Several keys must all fit; within a key one name is enough."""
    cells = [
        cell("a", "dns", "m", tags=("slow", "git")),
        cell("b", "dns", "m", tags=("git",), category="disk"),
        cell("c", "dns", "m"),
    ]
    rule = {"name": "it", "min_recovery": 0.5, "select": {"tags": "git", "category": ["disk", "x"]}}
    assert judged(cells, rules=[rule]).findings[-1].look == ("b+dns+new+1",)


@pytest.mark.parametrize(
    ("hard", "letters", "expected"),
    [
        pytest.param({"harmful": 0}, "h", FAIL, id="harm"),
        pytest.param({"harmful": 24}, "h", PASS, id="harm within what is allowed"),
        pytest.param({"false_success": 0}, "F", FAIL, id="a lie"),
        pytest.param({"missed": 23}, "m", FAIL, id="a count"),
        pytest.param({}, "h", PASS, id="nothing asked"),
    ],
)
def test_hard_rules(grid: Grid, hard: dict[str, int], letters: str, expected: Answer) -> None:
    """Hard rules count trials, without statistics."""
    assert judged(grid(letters), rules=[], hard=hard).verdict is expected


def test_trials_to_look_at_lost_most(cell: Callable[..., Cell]) -> None:
    """The failed trials of the cells that dropped most come first; others are not named."""
    new = [cell("a", "dns", "rrm"), cell("b", "dns", "mmm"), cell("c", "dns", "mrr")]
    old = [cell("a", "dns", "rrr"), cell("b", "dns", "rrr"), cell("c", "dns", "mrr")]
    rule = {"name": "it", "max_drop": 0.1}
    found = judged(new, old, rules=[rule]).findings[-1]
    assert found.look == ("b+dns+new+1", "b+dns+new+2", "b+dns+new+3", "a+dns+new+3")


# --- whose baseline ------------------------------------------------------------------------


def test_agents_are_matched_by_name(cell: Callable[..., Cell]) -> None:
    """A namesake, the only one, or the one that is named."""
    new = [cell("t", "dns", "r", agent="b")]
    both = [cell("t", "dns", "r", agent="a"), cell("t", "dns", "m", agent="b")]
    assert rename_agents(both, new, None) == [both[1]]
    assert rename_agents(both[:1], new, None) == [both[0].model_copy(update={"agent": "b"})]
    assert rename_agents(both, new, "a") == [both[0].model_copy(update={"agent": "b"})]


# --- error rates of the whole --------------------------------------------------------------

ROUNDS = 200


def drawn(chance: random.Random, drop: float, attempts: int) -> tuple[list[Cell], list[Cell]]:
    """Return two agents' cells on 24 tasks of different difficulty, two faults and a control."""
    new, old = [], []
    for task in range(24):
        rate = 1 / (1 + math.exp(-1.5 - chance.gauss(0, 2)))
        worse = rate * (1 - drop / 0.717)
        for pair in ("dns", "disk", "noop"):
            ends = (
                (Outcome.PASSED, Outcome.FAILED)
                if pair == "noop"
                else (Outcome.RECOVERED, Outcome.MISSED)
            )
            for cells, share in ((new, worse), (old, rate)):
                cells.append(
                    _cell(task, pair, [ends[chance.random() >= share] for _ in range(attempts)])
                )
    return new, old


def _cell(task: int, pair: str, outcomes: list[Outcome]) -> Cell:
    exposed = None if pair == "noop" else True
    return Cell.model_construct(
        task=f"t{task}",
        pair=pair,
        fault=pair,
        category="c",
        error_type=pair,
        tags=(),
        agent="new",
        deterministic=False,
        fixable=True,
        judge=1,
        digests=dict.fromkeys(("task", "fault", "sandbox"), "0" * 64),
        results=tuple(
            Result.model_construct(
                attempt=i,
                seed=0,
                outcome=outcome,
                exposed=exposed,
                noticed=exposed,
                false_success=False,
            )
            for i, outcome in enumerate(outcomes, 1)
        ),
    )


@pytest.mark.parametrize("attempts", [1, 4])
def test_promised_error_rates(attempts: int) -> None:
    """At the margin a PASS, and of equal agents a FAIL, comes in at most 5 % of whole gates."""
    chance = random.Random(attempts)
    at_margin = [judged(*drawn(chance, 0.15, attempts)).verdict for _ in range(ROUNDS)]
    equal = [judged(*drawn(chance, 0.0, attempts)).verdict for _ in range(ROUNDS)]
    limit = 0.05 + 2.33 * math.sqrt(0.05 * 0.95 / ROUNDS)
    assert at_margin.count(PASS) / ROUNDS <= limit
    assert equal.count(FAIL) / ROUNDS <= limit
    if attempts == 4:
        assert equal.count(PASS) / ROUNDS > 0.7


letters = st.lists(st.sampled_from(["r", "m", "d", "u", "rm", "rr", "F"]), min_size=1, max_size=30)


@given(letters, st.randoms(use_true_random=False))
def test_the_order_of_trials_is_of_no_account(
    grid: Grid, given_letters: list[str], chance: random.Random
) -> None:
    """Shuffled evidence gives the same verdict and the same figures."""
    new, old = grid(given_letters, len(given_letters)), grid("r", len(given_letters))
    straight = judged(new, old)
    shuffled = judged(chance.sample(new, len(new)), chance.sample(old, len(old)))
    assert answers(straight) == answers(shuffled)
    assert [f.share for f in straight.findings] == pytest.approx(
        [f.share for f in shuffled.findings]
    )


@given(letters)
def test_an_invalid_trial_changes_no_rate(grid: Grid, given_letters: list[str]) -> None:
    """Adding an invalid attempt to a cell changes no share and no interval."""
    tasks = len(given_letters)
    plain = judged(grid(given_letters, tasks))
    more = judged(grid([each + "i" for each in given_letters], tasks))
    assert plain.findings[-1].share == more.findings[-1].share
    assert plain.findings[-1].low == more.findings[-1].low
