"""Other people act in every trial alike, leave the traces of a change, and touch no task."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from asking import said
from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.history.events import Disturbed
from harness.history.writer import History
from harness.injection import traces
from harness.injection.company import DISTURBANCES, LAST, PLACES, Company, doer
from harness.library.load import gather, own_root
from harness.models.fault import Fault
from harness.models.task import Task
from memory import Clock, MemoryContainer

ENTRIES = gather([own_root()]).entries
TASKS = {entry.id: entry.model for entry in ENTRIES if isinstance(entry.model, Task)}
FAULTS = {entry.id: entry.model for entry in ENTRIES if isinstance(entry.model, Fault)}
STEPS = range(1, LAST + 1)


def fault(**keys: Any) -> Fault:
    """Return a fault."""
    made = {"title": "t", "category": "filesystem", "error_type": "stale", "when": {"exec": "make"}}
    return Fault.model_validate({**made, **keys})


def company(container: Any, seed: int) -> tuple[Company, History]:
    """Return the people of a container, and where it is written what they do."""
    history = History(io.StringIO(), Clock())
    return Company(container.probes, history, seed), history


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_what_they_touch_is_no_tasks(task: Task) -> None:
    """No task brings, watches, protects or hands in a place where other people do something."""
    theirs = (*task.watch, *task.protect, *task.outputs, *task.files.values(), task.workdir)
    for place in PLACES:
        for path in theirs:
            assert not f"{path}/".startswith(f"{place}/")
            assert not f"{place}/".startswith(f"{path}/")


@pytest.mark.parametrize(
    ("keys", "whose"),
    [
        pytest.param({}, "ops", id="a script"),
        pytest.param({"mechanism": "replace_files"}, "ops", id="files"),
        pytest.param({"by": {"user": "cron", "did": "tidy"}}, "cron", id="it says so"),
        pytest.param({"mechanism": "net"}, None, id="in the network"),
        pytest.param({"where": "upstream"}, None, id="in another machine"),
        pytest.param({"id": "noop", "mechanism": "noop"}, None, id="nothing"),
    ],
)
def test_who_does_it(keys: dict[str, Any], whose: str | None) -> None:
    """A change is made by whom the fault names, else by ops where it takes a root's shell."""
    by = doer(fault(**keys))
    assert (by and by.user) == whose


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_seed_decides(seed: int) -> None:
    """The same seed brings the same disturbances before the same steps; each comes once."""
    runs = []
    for _ in range(2):
        people, history = company(MemoryContainer(ContainerSpec(name="c"), Clock()), seed)
        for step in STEPS:
            people.before_step(step)
        runs.append([(e.step, e.by, e.did) for e in history.events if isinstance(e, Disturbed)])
    assert runs[0] == runs[1]
    assert len(runs[0]) == DISTURBANCES


@pytest.fixture
def fresh(engine: Engine, images: dict[str, str]) -> Iterator[DockerContainer]:
    """Return a sandbox of its own."""
    with engine.container(images["userland"], ContainerSpec(name="company")) as running:
        yield running


LOGS = "cat /var/log/auth.log /var/log/syslog; last; cat /home/*/.bash_history /home/*/notes.txt"


def kinds(text: str) -> set[str]:
    """Return the kinds of lines of logs, histories and notes: their words without what varies."""
    cut = re.sub(r"^\S+T\S+ \S+ ", "", text, flags=re.MULTILINE)
    cut = re.sub(r"COMMAND=.*|\d+|ops|deploy", "", cut)
    return {re.sub(r" +", " ", line)[:24] for line in cut.splitlines()}


@pytest.mark.container
def test_a_fault_leaves_what_people_leave_anyway(fresh: DockerContainer) -> None:
    """A change by somebody adds lines to the logs, and none of a kind that was not there."""
    people, history = company(fresh, 1)
    people.open_accounts()
    people.open_accounts()
    people.settle_in()
    for step in STEPS:
        people.before_step(step)
    before = said(fresh, LOGS)
    times = said(fresh, "cut -d' ' -f1 /var/log/auth.log /var/log/syslog")
    assert people.leave_trace(fault()) == "ops"
    assert people.leave_trace(fault(by={"user": "deploy", "did": "sed -i s/a/b/ /etc/x"})) != ""
    assert people.leave_trace(fault(when="start")) == ""
    after = said(fresh, LOGS)
    assert "COMMAND=/usr/bin/sed -i s/a/b/ /etc/x" in after
    assert after.count("\n") > before.count("\n")
    assert kinds(after) - kinds(before) <= {"sudo -s", "sudo sed -i s/a/b/ /etc/"}
    assert not re.search(r"(?i)fault|inject|harness|No such file", after)
    assert re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00\n)+", times)
    assert said(fresh, "grep -c '^ops:' /etc/passwd; stat -c %U /home/deploy") == "1\ndeploy\n"
    assert len(history.events) == DISTURBANCES


@pytest.mark.container
def test_only_their_places_change(fresh: DockerContainer) -> None:
    """Whatever they do while the agent works changes files of theirs alone."""
    people, _ = company(fresh, 2)
    people.open_accounts()
    people.settle_in()
    said(fresh, "touch /run/mark; sleep 0.05")
    for step in STEPS:
        people.before_step(step)
    people.leave_trace(fault(by={"user": "kernel", "did": "Out of memory"}))
    changed = said(fresh, "find / -xdev -newercm /run/mark ! -path '/proc*'").splitlines()
    assert changed
    assert [path for path in changed if not path.startswith(PLACES)] == []


@pytest.mark.container
def test_what_somebody_starts_bears_the_marks_of_sudo(fresh: DockerContainer) -> None:
    """A script of a fault sees in its variables whose it is; one without somebody sees nothing."""
    for by, told in ((doer(fault()), "ops 1101\n"), (None, " \n")):
        show = 'echo "$SUDO_USER $SUDO_UID"'
        assert said(fresh, traces.environment(by) + show) == told
