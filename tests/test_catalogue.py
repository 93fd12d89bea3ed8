"""The page of the library counts what is there, and calls validated only what was played."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from harness.error_taxonomy import taxonomy
from harness.library.load import load, own_root
from harness.models.trigger import Trigger
from harness.validation import catalogue
from harness.validation.claims import ValidationClaim, pair_claims, task_claims
from harness.validation.findings import Finding

LIBRARY = load([own_root()])


def finding(subject: str, says: str, got: str, *, ok: bool = True) -> Finding:
    return Finding(subject=subject, says=says, ok=ok, got=got, trial="t")


def held(claims: Iterable[ValidationClaim]) -> list[Finding]:
    return [finding(c.subject, f"{c.says}: it", next(iter(c.allowed))) for c in claims]


def test_a_pair_is_validated_by_all_its_own_and_its_tasks_claims() -> None:
    """One that failed, or was not played, or a task that was not, leaves it not validated."""
    task = LIBRARY.tasks["fix-slug"]
    pair = next(pair for pair in task.faults if pair.name == "git_index_locked")
    clean, own = held(task_claims(LIBRARY, task)), held(pair_claims(LIBRARY, task, pair))

    def said(findings: list[Finding]) -> tuple[int, int]:
        rows = catalogue.rows(LIBRARY, findings)
        return sum(row.shown for row in rows), sum(row.validated for row in rows)

    bad = finding(own[0].subject, "no leak", "a harness", ok=False)
    assert said([*clean, *own]) == (1, 1)
    assert said([*clean[1:], *own]) == said(own) == (1, 0)
    assert said([*clean, *own, bad]) == said([*clean, *own[1:]]) == said(clean) == (0, 0)


@pytest.mark.parametrize(
    ("got", "name"),
    [
        pytest.param({"naive": "recovered", "follower": "missed"}, "retry", id="retried"),
        pytest.param({"follower": "recovered"}, "advice", id="did as advised"),
        pytest.param({"restarter": "worked-around"}, "restart", id="began anew"),
        pytest.param({}, catalogue.INSIGHT, id="none of them"),
    ],
)
def test_the_lowest_baseline_that_masters_a_pair_counts(got: dict[str, str], name: str) -> None:
    """Retry, advice, restart, insight, in this order."""
    says = {"naive": "naive: missed", "follower": "baseline follower: any outcome"}
    says["restarter"] = "baseline restarter: any outcome"
    found = [finding("s", text, got.get(agent, "missed (why)")) for agent, text in says.items()]
    assert name == catalogue.mastered_by(found)
    assert catalogue.mastered_by(found[:2]) is None


@pytest.mark.parametrize(
    ("when", "done"),
    [
        pytest.param("start", 0, id="start"),
        pytest.param({"step": 4}, 3, id="step"),
        pytest.param({"exec": "git", "args": ["commit"]}, 5, id="exec"),
        pytest.param({"after": "git", "args": ["commit"]}, 5, id="after: within the step"),
        pytest.param({"seconds": 2}, None, id="a clock"),
    ],
)
def test_steps_before_an_injection_are_the_oracles(when: object, done: int | None) -> None:
    """The steps that the oracle has finished when the fault is injected."""
    fault = LIBRARY.faults["git_index_locked"]
    injected = fault.model_copy(update={"when": Trigger.model_validate(when)})
    assert done == catalogue.steps_before(LIBRARY.tasks["fix-slug"], injected)


def test_the_page_names_every_fault_task_and_category() -> None:
    """Nothing of the library is left out, and its table cells hold no bare bars."""
    page = catalogue.page(LIBRARY, taxonomy.load(), [])
    faults = {fault.id for fault in LIBRARY.faults.values() if not fault.control}
    for name in {*faults, *LIBRARY.tasks}:
        assert f"| `{name}` |" in page
    widths = {line.replace("\\|", "").count("|") for line in page.splitlines() if "`" in line}
    assert widths <= {0, 6, 8}
