"""Every task of the library, and every error type on one task, are what they claim to be.

Here with the agents that show most; `make validate` plays all pairs, from every state of a task.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.error_taxonomy import taxonomy
from harness.library.library import Library
from harness.library.load import load, own_root
from harness.models.task import Pair
from harness.validation import catalogue
from harness.validation.claims import ValidationClaim, pair_claims, task_claims
from harness.validation.findings import Finding
from harness.validation.validate import play_claims

ON_PAIRS = {"oracle", "blind", "naive", "liar", "bypasser"}
ON_TASKS = {"oracle", "stranger", "idle", "forger"}
"""Of a task's prefixes only the longest is played besides."""

LIBRARY = load([own_root()])


def sample(library: Library) -> dict[str, list[Pair]]:
    """Return, by task, pairs in which every error type strikes once: where it has most room."""
    chosen: dict[str, list[Pair]] = {name: [] for name in library.tasks}
    pairs = [(task.id, pair) for task in library.tasks.values() for pair in task.faults]
    for kind in sorted({fault.error_type for fault in library.faults.values()}):
        where = [each for each in pairs if library.faults[each[1].fault].error_type == kind]
        if where:
            task, pair = min(where, key=lambda each: len(chosen[each[0]]))
            chosen[task].append(pair)
    return chosen


SAMPLE = sample(LIBRARY)


def claims(library: Library, name: str) -> Iterator[ValidationClaim]:
    task = library.tasks[name]
    again = f"oracle-after-{len(task.solution)}"
    for claim in task_claims(library, task):
        if claim.spec.agent.id in ON_TASKS | {again}:
            yield claim
    for pair in SAMPLE[name]:
        for claim in pair_claims(library, task, pair):
            if claim.spec.agent.id in ON_PAIRS:
                yield claim


def played(wanted: list[ValidationClaim], folder: Path) -> list[Finding]:
    found: list[Finding] = []
    play_claims(LIBRARY, wanted, folder, lambda _, some: found.extend(some), jobs=2)
    return found


@pytest.mark.container
@pytest.mark.parametrize("name", sorted(LIBRARY.tasks))
def test_a_task_and_its_faults_are_what_they_claim(name: str, tmp_path: Path) -> None:
    """The oracle masters it, each agent gets its known answer, and no forgery passes."""
    found = played(list(claims(LIBRARY, name)), tmp_path / "run")
    assert [] == [finding for finding in found if not finding.ok]


def test_each_of_the_five_faults_has_two_tasks() -> None:
    """The faults that the product began with have pairs on two tasks or more."""
    types = {
        "dns_resolution_failure",
        "connection_refused_unreachable",
        "process_crash_segfault",
        "externally_managed_environment",
        "service_manager_unavailable",
    }
    tasks = {
        kind: {
            task.id
            for task in LIBRARY.tasks.values()
            for pair in task.faults
            if LIBRARY.faults[pair.fault].error_type == kind
        }
        for kind in types
    }
    assert {kind for kind, where in tasks.items() if len(where) < 2} == set()


def test_the_core_selection_is_small() -> None:
    """What `harness run` takes by default has at most 24 pairs."""
    core = [pair for task in LIBRARY.tasks.values() for pair in task.faults if pair.core]
    assert 8 <= len(core) <= 24


def test_the_library_is_as_broad_as_it_says() -> None:
    """All categories, four fifths of what the taxonomy calls core, and enough of each kind."""
    faults = [fault for fault in LIBRARY.faults.values() if not fault.control]
    rows = catalogue.rows(LIBRARY, [])
    assert {fault.category for fault in faults} == {c.id for c in taxonomy.load().categories}
    assert len({fault.error_type for fault in faults}) >= 80
    assert len(LIBRARY.tasks) >= 25
    assert len(rows) >= 300
    for name, fits in catalogue.KINDS.items():
        assert len({row.fault.id for row in rows if fits(row.fault)}) >= 10, name


def test_there_is_a_middle_to_fail_in() -> None:
    """A third of the tasks are long, and two fifths of the pairs strike after the second step."""
    long = [task for task in LIBRARY.tasks.values() if 10 <= len(task.solution) <= 40]
    assert 3 * len(long) >= len(LIBRARY.tasks)
    rows = catalogue.rows(LIBRARY, [])
    late = [row for row in rows if row.done is None or row.done >= catalogue.EARLY]
    assert 5 * len(late) >= 2 * len(rows)


def test_every_task_has_something_that_must_survive() -> None:
    """Bystander files or other people's edits, and somebody who looks solved without being so."""
    assert [task.id for task in LIBRARY.tasks.values() if not (task.protect and task.forge)] == []
