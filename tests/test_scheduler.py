"""Many trials: nothing is left behind by a run that ends, is interrupted, or is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.agents.registry import find_agent
from harness.containers.engine import Engine
from harness.history.store import Run
from harness.library.load import load, own_root
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome, Verdict
from harness.planning.plan import Selection, plan
from harness.trial.progress import Progress
from harness.trial.resources import prepare, with_helpers
from harness.trial.scheduler import alike, capacity, carry_out, unfinished

pytestmark = pytest.mark.container

TASK = """\
title: Write a note
sandbox: workbench
instruction: Write ok into /work/out.
setup: echo kept > /work/other
watch: [/work]
protect: [/work/other]
outputs: [/work/out]
solution: [{solution}]
damage: echo changed > /work/other
limits: {{steps: 5, seconds: 60, step_seconds: 60}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder with two small tasks, one of which takes its time."""
    for name, solution in (
        ("note", "echo ok > /work/out"),
        ("slow", "sleep 8; echo ok > /work/out"),
        ("endless", "sleep 300; echo ok > /work/out"),
    ):
        folder = tmp_path / "tasks" / name
        folder.mkdir(parents=True)
        (folder / "task.yaml").write_text(TASK.format(solution=solution))
        (folder / "verify.sh").write_text('test "$(cat /work/out)" = ok\n')
    shutil.copytree(own_root() / "sandboxes", tmp_path / "sandboxes")
    return tmp_path


def specs_of(root: Path, task: str, agent: str, attempts: int) -> tuple[Any, list[TrialSpec]]:
    """Return the library of a folder, and a plan of control trials."""
    library = load([root])
    wanted = Selection(tasks=[task], faults=["noop"], agents=[find_agent(agent)], attempts=attempts)
    return library, plan(library, wanted)


def left(engine: Engine, run: str) -> list[str]:
    """Return the containers and networks that carry a run's label."""
    wanted = {"label": f"harness.run={run}"}
    containers = engine.api.containers(all=True, filters=wanted)
    return [c["Id"] for c in containers] + [n["Id"] for n in engine.api.networks(filters=wanted)]


def volumes(engine: Engine) -> int:
    """Return how many volumes there are."""
    return len(engine.api.volumes()["Volumes"] or [])


# --- a run that ends -----------------------------------------------------------------------


@pytest.mark.usefixtures("images")
def test_two_hundred_trials_leave_nothing(root: Path, engine: Engine) -> None:
    """No container, network, volume, thread or descriptor is left; every trial has a verdict."""
    library, specs = specs_of(root, "note", "idle", 200)
    done: list[Verdict] = []
    progress = Progress(end=lambda _, verdict: done.append(verdict))
    with Run.create(root / "run", {}) as run:
        mine = f"two-hundred-{os.getpid()}"  # what a killed run of this test left is not its own
        made = prepare(library, specs, mine, lambda _: None)
        with with_helpers(made, specs, lambda _: None) as made:
            carry_out(specs[:4], run, made, 2, progress)
            before = held(engine)
            carry_out(specs[4:], run, made, 4, progress)
            after = held(engine)
    assert {verdict.outcome for verdict in done} == {Outcome.FAILED}
    assert len(run.finished()) == 200
    assert unfinished(specs, run) == []
    assert left(engine, mine) == []
    # The connection that counts is itself opened again now and then.
    assert after.pop("descriptors") <= before.pop("descriptors") + 3
    assert after == before


def held(engine: Engine) -> dict[str, int]:
    """Return what this process holds on to."""
    return {
        "descriptors": psutil.Process().num_fds(),
        "threads": threading.active_count(),
        "volumes": volumes(engine),
        "children": len(psutil.Process().children(recursive=True)),
    }


@pytest.mark.usefixtures("images")
def test_a_defect_stops_the_run_and_is_raised(root: Path, engine: Engine) -> None:
    """What no trial may answer with comes out of the run, and the other trials are stopped."""
    library, specs = specs_of(root, "endless", "oracle", 3)

    def begin(spec: TrialSpec) -> None:
        if spec.attempt == 2:
            time.sleep(2)
            raise RuntimeError("a defect")

    began = time.monotonic()
    with Run.create(root / "run", {}) as run:
        made = prepare(library, specs, "defect", lambda _: None)
        with pytest.raises(RuntimeError, match="a defect"):
            carry_out(specs, run, made, 2, Progress(begin=begin))
        assert run.finished() == {}
    lines = [json.loads(line) for line in (root / "run/log.jsonl").read_text().splitlines()]
    assert {line["event"] for line in lines} == {"begins", "cancelled", "a defect"}
    assert ["a defect" in line.get("exception", "") for line in lines].count(True) == 1
    assert time.monotonic() - began < 60
    assert left(engine, "defect") == []


def test_what_a_machine_can_carry(root: Path) -> None:
    """At least one trial, and no more than processors and memory allow."""
    _, specs = specs_of(root, "note", "idle", 1)
    assert 1 <= capacity(specs) <= 2 * (os.cpu_count() or 1)
    thinks = specs[0].agent.model_copy(update={"deterministic": False})
    slow = [spec.model_copy(update={"agent": thinks}) for spec in specs * 500]
    assert 2 * (os.cpu_count() or 1) < capacity(slow) <= 500, "memory alone bounds who waits"
    assert alike([*specs, *slow[:2]]) == [slow[:2], specs], "each kind at its own pace"
    assert alike(specs) == [specs]
    assert capacity([*specs, *slow]) <= 2 * (os.cpu_count() or 1)
    huge = specs[0].task.limits.model_copy(update={"memory": 1 << 50})
    assert capacity([specs[0].model_copy(
        update={"task": specs[0].task.model_copy(update={"limits": huge})}
    )]) == 1  # fmt: skip


# --- a run that is stopped -----------------------------------------------------------------

Begin = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def begin(root: Path) -> Iterator[Begin]:
    """Return a function that starts `harness run` on the slow task, four trials, two at once."""
    started: list[subprocess.Popen[str]] = []
    # In a shell's background interrupts are ignored, and children would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def begin(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "harness", "run", "-t", "slow", "-f", "noop", "-n", "4"]
        process = subprocess.Popen(
            [*command, "-j", "2", "--json", *arguments],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    signal.signal(signal.SIGINT, before)
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def verdicts(folder: Path) -> dict[str, bytes]:
    """Return the verdict files of a run."""
    return {path.parent.name: path.read_bytes() for path in folder.glob("trials/*/verdict.json")}


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_container(
    root: Path, engine: Engine, begin: Begin, how: signal.Signals
) -> None:
    """Ctrl-C or TERM: exit code 130, nothing is left running, and finished trials are whole."""
    folder = root / f"{root.name}-run"
    process = begin("-o", str(folder))
    until(lambda: len(verdicts(folder)) >= 2)
    until(lambda: len(list(folder.glob("trials/*/events.jsonl"))) >= 3)
    process.send_signal(how)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert left(engine, folder.name) == []
    outcomes = [json.loads(verdict)["outcome"] for verdict in verdicts(folder).values()]
    assert outcomes in (["passed"] * 2, ["passed"] * 3)
    assert json.loads((folder / "run.json").read_text())["owner"] is None


@pytest.mark.usefixtures("images")
def test_a_killed_run_is_cleaned_up_after_and_resumed(
    root: Path, engine: Engine, begin: Begin
) -> None:
    """KILL leaves containers; `clean` takes them and no living run's; `--resume` does the rest."""
    folder = root / f"{root.name}-run"
    run = folder.name
    process = begin("-o", str(folder))
    until(lambda: verdicts(folder))
    until(lambda: len(left(engine, run)) >= 2)
    process.kill()
    process.communicate()
    assert len(left(engine, run)) >= 2
    before = verdicts(folder)
    with Engine({"harness.run": "living"}) as living, living.network("tests-living") as network:
        harness(root, "clean")
        assert left(engine, run) == []
        assert left(engine, "living") == [network]
    again = begin("-o", str(folder), "--resume")
    said, _ = again.communicate(timeout=120)
    assert again.returncode == 0, said
    after = verdicts(folder)
    assert len(after) == 4
    assert {name: after[name] for name in before} == before
    assert left(engine, run) == []


def harness(root: Path, *arguments: str) -> str:
    """Run a command of the harness to its end and return what it printed."""
    command = [sys.executable, "-m", "harness", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return done.stdout
