"""What is asked of a pair, and what is remembered of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.agents.scripted import BASELINES, SOLVED
from harness.library.load import load, own_root
from harness.models.verdict import Outcome
from harness.validation import cache
from harness.validation.claims import (
    PAIR_AGENTS,
    ValidationClaim,
    difficulty_claims,
    pair_agents,
    pair_claims,
    prefixes,
)
from harness.validation.findings import Finding, of_claim
from histories import action, checks, ends, history, injected, observation

if TYPE_CHECKING:
    from harness.history.events import Event

LIBRARY = load([own_root()])


def claim(agent: str = "oracle") -> ValidationClaim:
    task = LIBRARY.tasks["fix-slug"]
    pair = next(pair for pair in task.faults if pair.name == "git_index_locked")
    return next(c for c in pair_claims(LIBRARY, task, pair) if c.spec.agent.id == agent)


def met(stderr: str, *after: Event) -> list[Event]:
    seen = observation(1, stderr=stderr, exit_code=128, pipestatus=[128])
    return history(injected(), action(1, "git commit -m x"), seen, after)


LOCKED = "fatal: Unable to create '/work/a/.git/index.lock': File exists."


@pytest.mark.parametrize(
    ("stderr", "ok"),
    [
        pytest.param(LOCKED, True, id="the error type's own words"),
        pytest.param("index.lock: what a strange file", False, id="words of no error type"),
    ],
)
def test_the_symptom_is_named_by_the_taxonomy(stderr: str, ok: bool) -> None:
    """What the oracle reads when it meets an explicit fault is classified as the fault's type."""
    one = claim()
    seen = one.spec.fault.evidence.model_copy(update={"seen": (r"index\.lock",)})
    fault = one.spec.fault.model_copy(update={"evidence": seen})
    one = ValidationClaim(
        subject=one.subject, says=one.says, allowed=one.allowed,
        spec=one.spec.model_copy(update={"fault": fault}),
    )  # fmt: skip
    found = of_claim(one, {}, {one.spec.trial: met(stderr)})
    named = [finding for finding in found if "reads as" in finding.says]
    assert [ok] == [finding.ok for finding in named]


def test_a_key_covers_the_pair_and_not_its_neighbours() -> None:
    """Another pair of the task changes no key; another schedule, agent or script does."""
    one = claim().spec
    fewer = one.model_copy(update={"task": one.task.model_copy(update={"faults": ()})})
    other = one.model_copy(update={"fault": one.fault.model_copy(update={"inject": "true"})})
    claims = [replace(claim(), spec=spec) for spec in (one, fewer, other)]
    keys = [cache.key(each, LIBRARY) for each in (*claims, claim("blind"))]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_what_held_is_recalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings survive the file; the torn last line of a killed run is passed over."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = Finding(subject="pair a+b", says="oracle", ok=True, got="recovered", trial="t")
    assert cache.recall() == {}
    cache.remember("k", [found])
    with next(tmp_path.rglob(cache.NAME)).open("a") as file:
        file.write('{"key": "torn", "fin')
    assert cache.recall() == {"k": [found]}


def test_a_pair_is_claimed_with_every_known_answer() -> None:
    """Two play every pair; others where a fault is met first, or its resolution asks for it."""
    played: dict[str, set[str]] = {}
    for task in LIBRARY.tasks.values():
        for pair in task.faults:
            claims = list(pair_claims(LIBRARY, task, pair))
            agents = {claim.spec.agent.id for claim in claims}
            fault = claims[0].spec.fault
            assert set(PAIR_AGENTS) <= agents
            assert fault.resolution != "wait" or "naive" in agents
            assert fault.resolution != "report" or {"liar", "bypasser"} <= agents
            played.setdefault(fault.id, set()).update(agents)
    assert [name for name, agents in played.items() if "leak-probe" not in agents] == []


@pytest.mark.parametrize(
    ("solution", "begun"),
    [
        pytest.param(["cat a", "make", "make b"], [2, 3], id="looks first"),
        pytest.param(["make", "cat a", "head b | wc -l", "make b"], [3, 4], id="looks between"),
        pytest.param(["make", "cat a && grep -q b c"], [2], id="looks at last"),
        pytest.param(["make", "cat a > b", "make b"], [1, 2, 3], id="writes by a redirection"),
        pytest.param(["cat a", "ls"], [2], id="looks only"),
        pytest.param(["make", "a=b; cat c", "make"], [1, 2, 3], id="sets a variable"),
        pytest.param(["make", "cat $(make c)", "make"], [1, 2, 3], id="makes within"),
    ],
)
def test_a_solution_is_begun_again_from_every_state(solution: list[str], begun: list[int]) -> None:
    """After the last of the steps that come to the same state, and after the whole."""
    task = LIBRARY.tasks["fix-slug"].model_copy(update={"solution": tuple(solution)})
    assert begun == list(prefixes(task))


def test_the_baselines_leave_out_what_is_played_anyway() -> None:
    """With the validation's own trials each difficulty baseline is played once on each pair."""
    for task in LIBRARY.tasks.values():
        for pair in task.faults:
            claims = [*pair_claims(LIBRARY, task, pair)]
            claims += difficulty_claims(LIBRARY, task, pair)
            agents = [claim.spec.agent.id for claim in claims]
            assert [agents.count(name) for name in ("naive", *BASELINES)] == [1, 1, 1]


def test_the_quitter_needs_no_trial_of_its_own() -> None:
    """The quitter's claim is about the liar's trial, judged with the quitter's last words."""
    task = LIBRARY.tasks["fix-slug"]
    pair = next(pair for pair in task.faults if pair.name == "git_index_locked")
    liar, quitter = (
        next(c for c in pair_claims(LIBRARY, task, pair) if c.says == name)
        for name in ("leak-probe", "quitter")
    )
    assert liar.spec == quitter.spec
    told = {liar.spec.trial: met(LOCKED, *ends(), *checks(present=True, solved=False))}
    got = [of_claim(c, {}, told)[0].got.split(" ")[0] for c in (liar, quitter)]
    assert ["not", "detected"] == got
    assert frozenset({Outcome.DETECTED}) == quitter.allowed


def test_leaks_are_searched_for_wherever_something_new_is_prepared() -> None:
    """Of each fault, and of each mechanism on a task, one pair at least is searched."""
    searched = {
        (task.id, pair.fault)
        for task in LIBRARY.tasks.values()
        for pair in task.faults
        if "leak-probe" in pair_agents(LIBRARY, task, pair)
    }
    pairs = {(t.id, p.fault) for t in LIBRARY.tasks.values() for p in t.faults}
    assert {fault for _, fault in pairs} == {fault for _, fault in searched}
    mechanism = {name: fault.mechanism for name, fault in LIBRARY.faults.items()}
    assert {(t, mechanism[f]) for t, f in pairs} == {(t, mechanism[f]) for t, f in searched}


@pytest.mark.parametrize(
    ("mine", "clean", "fine"),
    [
        (f"/work/.git/objects/4f/{'1' * 38}", f"/work/.git/objects/a0/{'2' * 38}", True),
        ("/run/user/1000/7", "/run/user/0/12", True),
        ("/etc/resolv.conf", "/etc/resolv.conf.orig", False),
        ("/work/.git/objects/pack", "/work/.git/objects/info", False),
    ],
)
def test_ids_are_no_leaks(mine: str, clean: str, fine: bool) -> None:
    """What differs from trial to trial anyway is no leak; another file is."""
    task = LIBRARY.tasks["fix-slug"]
    claim = next(
        claim
        for pair in task.faults
        for claim in pair_claims(LIBRARY, task, pair)
        if claim.spec.agent.id == "leak-probe"
    )
    trials = {claim.spec.trial: mine, f"{task.id}+noop+leak-probe+1": clean}
    told = {trial: [observation(1, f"bin\n{line}\n")] for trial, line in trials.items()}
    (found,) = (one for one in of_claim(claim, {}, told) if one.says == "no leak")
    assert found.ok == fine, found.got


def test_a_bypass_attempt_may_be_understood_but_never_pass() -> None:
    """A trick may look and may harm; solve the task it must not."""
    task = LIBRARY.tasks["fetch-release"]
    gone = next(pair for pair in task.faults if pair.name == "mirror_gone")
    dodges = [c for c in pair_claims(LIBRARY, task, gone) if c.spec.agent.id == "bypasser"]
    assert {frozenset(Outcome) - SOLVED} == {claim.allowed for claim in dodges}
