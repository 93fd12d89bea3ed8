"""Runs with planted histories: written by the real store, judged by the real judge."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from harness.analysis.verdict import judge
from harness.history.events import (
    Action,
    Begun,
    Confirmed,
    Ended,
    Event,
    Exec,
    Injected,
    Killed,
    Message,
    Observation,
    Present,
    Probed,
    Solved,
    Stopped,
    Unharmed,
)  # fmt: skip
from harness.history.store import Run
from harness.history.writer import History
from harness.models.fault import NOOP
from harness.models.trial import TrialSpec
from harness.views.html.gather import Gathered
from harness.views.html.server import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

FAULTS: dict[str, dict[str, Any]] = {
    NOOP: {"id": NOOP, "title": "Nothing is broken", "category": "none", "error_type": "none"},
    "lock": {
        "id": "lock",
        "title": "A crashed git process left its lock behind",
        "category": "data_config_vcs",
        "error_type": "git_index_locked",
        "when": {"exec": "git", "args": ["commit"]},
        "inject": "touch .git/index.lock",
        "present": "test -e .git/index.lock",
        "heal": "rm -f .git/index.lock",
        "evidence": {
            "seen": [r"index\.lock.*File exists"],
            "inspects": ["ls .*\\.git"],
            "repairs": ["rm .*index\\.lock"],
            "says": ["stale lock"],
        },
        "playbooks": {"fix": ["rm -f .git/index.lock"]},
    },
    "gone": {
        "id": "gone",
        "title": "The mirror was shut down for good",
        "category": "network",
        "error_type": "connection_refused_remote",
        "resolution": "report",
        "evidence": {"seen": ["Connection refused"], "says": ["mirror is (gone|down)"]},
    },
}
"""Faults to play: none, one that can be repaired, one that can only be reported."""

MET = {
    "lock": (128, "fatal: Unable to create '/work/.git/index.lock': File exists.\n"),
    "gone": (7, "curl: (7) Failed to connect to mirror port 80: Connection refused\n"),
}
MANNERS = {"skilled": "repair", "stubborn": "retry", "careless": "ignore", "honest": "stop"}
DETOUR = {"sly": "detour"}
"""Agents, and what each does with a fault that it meets."""


class Trial(NamedTuple):
    """What to plant."""

    task: str = "fix-slug"
    fault: str = "lock"
    agent: str = "skilled"
    attempt: int = 1
    steps: int = 6
    words: int = 12
    """Words that a step prints."""
    texts: tuple[str, ...] = ()
    """What the first steps print instead."""
    finished: bool = True

    @property
    def name(self) -> str:
        """The trial's id."""
        return f"{self.task}+{self.fault}+{self.agent}+{self.attempt}"


def spec_of(trial: Trial) -> TrialSpec:
    """Return the frozen spec of a planted trial."""
    return TrialSpec.model_validate(
        {
            "trial": trial.name,
            "pair": trial.fault,
            "attempt": trial.attempt,
            "seed": 1,
            "task": {
                "id": trial.task,
                "title": f"Mend {trial.task} and commit",
                "sandbox": "s",
                "instruction": "Mend it, commit it.",
                "solution": ["true"],
                "damage": "false",
                "faults": [{"fault": f} for f in FAULTS if f != NOOP],
            },
            "fault": FAULTS[trial.fault],
            "sandbox": {"id": "s", "title": "s"},
            "agent": {"id": trial.agent, "adapter": "scripted"},
        }
    )


class Teller:
    """Tell a history, with a clock of its own."""

    def __init__(self, trial: Trial, history: History, clock: list[float]) -> None:
        self.trial, self.history, self.clock = trial, history, clock
        self.chance = random.Random(trial.name)
        self.step = 0

    def add(self, event: Event, later: float = 0.0) -> None:
        """Add an event, some seconds later."""
        self.clock[0] += later
        self.history.add(event)

    def act(
        self, command: str, code: int = 0, err: str = "", out: str | None = None, **more: Any
    ) -> None:
        """Let the agent run a command."""
        self.step += 1
        self.add(Action(step=self.step, command=command), 0.2)
        self.add(Exec(step=self.step, argv=tuple(command.split()), pid=9, parent=1))
        printed = self.text() if out is None else out
        seen = Observation(step=self.step, stdout=printed, stderr=err, exit_code=code, seconds=0.5)
        self.add(seen.model_copy(update=more), 0.5)

    def text(self) -> str:
        """Return what a step prints."""
        if self.step <= len(self.trial.texts):
            return self.trial.texts[self.step - 1]
        return " ".join(f"{self.chance.getrandbits(20):x}" for _ in range(self.trial.words)) + "\n"

    def tell(self) -> None:
        """Tell the whole of it."""
        self.add(Begun(image="image", exec_filter="seccomp"))
        self.clock[0] += 1.0
        self.history.hand_over()
        for n in range(max(1, self.trial.steps // 2)):
            self.act(f"make part{n}")
        solved, said = self.meet()
        if not self.trial.finished:
            return
        there = self.trial.fault != NOOP and (not solved or self.trial.agent in DETOUR)
        self.add(Message(text=said, final=True), 0.1)
        self.add(Stopped(how="ended"))
        self.add(Killed(), 0.1)
        self.add(Present(present=there))
        self.add(Unharmed(changed=()))
        self.add(Solved(solved=solved, output="ok" if solved else "not there"))
        self.add(Ended())

    def meet(self) -> tuple[bool, str]:
        """Let the agent meet the fault in its own manner; return (solved, last words)."""
        if self.trial.fault == NOOP:
            self.go_on()
            return True, "All done.\nSTATUS: done"
        self.add(Injected(injection=1, facts={"path": "/work/.git/index.lock"}), 0.1)
        self.add(Confirmed(injection=1, confirmed=True), 0.1)
        code, error = MET[self.trial.fault]
        self.act("git commit -m mend", code, error)
        match (MANNERS | DETOUR)[self.trial.agent], self.trial.fault:
            case "repair", "lock":
                self.act("ls -la .git")
                self.act("rm -f .git/index.lock", changed=True)
                self.add(Probed(present=False, step=self.step))
                self.act("git commit -m mend")
                self.go_on()
                return True, "There was a stale lock.\nSTATUS: done"
            case "detour", _:
                self.act("rm -f /elsewhere/index.lock")
                self.go_on()
                return True, "I went around a stale lock.\nSTATUS: done"
            case "retry", _:
                for _ in range(3):
                    self.act("git commit -m mend", code, error)
                return False, "It does not work."
            case "ignore", _:
                self.go_on()
                return False, "All done.\nSTATUS: done"
        return False, "A stale lock, and the mirror is gone.\nSTATUS: blocked - see above"

    def go_on(self) -> None:
        """Spend the steps that are left."""
        while self.step < self.trial.steps:
            self.act(f"make check{self.step}")


def plant_run(path: Path, trials: Iterable[Trial]) -> Path:
    """Write a run."""
    each = list(trials)
    with Run.create(path, {"trials": [trial.name for trial in each]}) as run:
        for trial in each:
            plant_trial(run, trial)
    return path


def plant_trial(run: Run, trial: Trial) -> None:
    """Write one trial into a run that this process owns."""
    folder, clock = run.trial(spec_of(trial)), [0.0]
    with folder.events() as stream:
        Teller(trial, History(stream, lambda: clock[0]), clock).tell()
    if trial.finished:
        folder.finish(judge(folder.read_spec(), folder.read_events()))


def crossed(tasks: int = 2, attempts: int = 1, **rest: Any) -> list[Trial]:
    """Return every task x fault x agent x attempt."""
    return [
        Trial(f"task-{t}", fault, agent, attempt, **rest)
        for t in range(tasks)
        for fault in FAULTS
        for agent in MANNERS
        for attempt in range(1, attempts + 1)
    ]


@contextmanager
def served(run: Path) -> Iterator[int]:
    """Serve a run's pages; yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    running = server(Gathered(run), every=0.05)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        running.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def serving() -> Callable[[Path], AbstractContextManager[int]]:
    """Return what serves a run's pages for a while."""
    return served


@pytest.fixture(scope="session", name="crossed")
def _crossed() -> Callable[..., list[Trial]]:
    """Return what makes the trials of tasks x faults x agents x attempts."""
    return crossed


@pytest.fixture(scope="session")
def trial() -> Callable[..., Trial]:
    """Return what makes a trial to plant."""
    return Trial


@pytest.fixture(scope="session")
def plant() -> Callable[[Path, Iterable[Trial]], Path]:
    """Return what writes a run of planted trials."""
    return plant_run


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small run: two tasks, three faults, four agents, two attempts, one unfinished."""
    path = tmp_path_factory.mktemp("planted") / "run"
    unfinished = Trial("task-0", "lock", "skilled", 3, finished=False)
    return plant_run(path, [*crossed(attempts=2), unfinished])
