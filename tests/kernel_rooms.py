"""A tiny task and its faults, in a container in memory: all that the tests of the kernel share."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from harness.agents.session import Session
from harness.containers.ports import ContainerSpec
from harness.history.events import BaseEvent
from harness.history.writer import History
from harness.injection.mechanisms.base import InjectionTarget
from harness.injection.nemesis import Nemesis
from harness.injection.protected import Protected
from harness.models.trial import TrialSpec
from histories import trial_spec
from memory import Clock, MemoryContainer, MemoryFilter, Stop
from memory_shell import Word

E = TypeVar("E", bound=BaseEvent)

TASK: dict[str, Any] = {
    "solution": ["prepare", "build", "publish"],
    "setup": "touch /work/others",
    "damage": "rm -f /work/others",
    "watch": ["/work"],
    "protect": ["/work/others"],
    "outputs": ["/work/published"],
}
"""Something is prepared, built and published; beside it lies what belongs to others."""

LOCK: dict[str, Any] = {
    "id": "lock",
    "title": "a stale lock was left behind",
    "when": {"exec": "build"},
    "inject": "touch /work/lock",
    "present": "[ -e /work/lock ]",
    "heal": "rm /work/lock",
    "evidence": {
        "seen": ["the lock is held"],
        "inspects": ["^cat /work/lock"],
        "repairs": ["^rm .*lock"],
        "says": ["stale lock"],
    },
    "playbooks": {
        "fix": ["rm -f /work/lock"],
        "workaround": ["build --around"],
        "retry": False,
    },
}
"""An explicit fault: while the lock is there, `build` fails and says so."""

STALE: dict[str, Any] = {
    "id": "stale",
    "title": "a stale copy is built",
    "explicit": False,
    "when": {"exec": "build"},
    "inject": "touch /work/stale",
    "present": "[ -e /work/stale ]",
    "evidence": {
        "touches": ["^build"],
        "inspects": ["^cat"],
        "repairs": ["^rm .*stale"],
        "says": ["stale copy"],
    },
    "playbooks": {"fix": ["rm -f /work/stale"]},
}
"""An implicit fault: `build` goes well, and what it makes is wrong."""


def _prepare(where: MemoryContainer, _: Sequence[str]) -> tuple[int, str]:
    where.files["/work/source"] = (b"source", 0o644)
    return 0, ""


def _build(where: MemoryContainer, words: Sequence[str]) -> tuple[int, str]:
    if "/work/lock" in where.files and "--around" not in words:
        return 1, "error: the lock is held\n"
    made = b"wrong" if "/work/stale" in where.files else b"built"
    where.files["/work/out"] = (made, 0o644)
    return 0, "built\n"


def _publish(where: MemoryContainer, _: Sequence[str]) -> tuple[int, str]:
    if "/work/out" not in where.files:
        return 1, "error: nothing is built\n"
    where.files["/work/published"] = where.files["/work/out"]
    return 0, ""


def _verified(where: MemoryContainer, _: Sequence[str]) -> tuple[int, str]:
    found = where.files.get("/work/published", (b"", 0))[0]
    return int(found != b"built"), f"published: {found.decode()}\n"


WORK: dict[str, Word] = {
    "prepare": _prepare,
    "build": _build,
    "publish": _publish,
    "verified": _verified,
}
"""The words of the task's own programs."""


@dataclass(slots=True, kw_only=True)
class Room:
    """A session and all it stands on; nothing is handed over yet."""

    spec: TrialSpec
    clock: Clock
    container: MemoryContainer
    history: History
    nemesis: Nemesis
    session: Session
    filter: MemoryFilter | None
    artifacts: dict[str, bytes] = field(default_factory=dict)
    opened: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """What is to be closed with the room."""

    def begin(self) -> Session:
        """Go on to the hand-over, as a trial does."""
        self.session.open()
        self.nemesis.attach_shell(self.session.replay)
        self.nemesis.start()
        self.session.hand_over()
        return self.session

    def close(self) -> None:
        """Let go of what is open."""
        self.session.close()
        self.opened.close()
        if self.filter is not None:
            self.filter.tree.close()

    def found(self, kind: type[E]) -> list[E]:
        """Return the events of a kind."""
        return [event for event in self.history.events if isinstance(event, kind)]


def room(
    fault: dict[str, Any] | None = None,
    *,
    stop_at: float = float("inf"),
    filtered: bool = False,
    words: Mapping[str, Word] | None = None,
    **task: Any,
) -> contextlib.closing[Room]:
    """Return a room, to be closed by a `with`; `stop_at`: when the operator stops the run."""
    spec = trial_spec(fault, {**TASK, **task})
    clock = Clock()
    container = MemoryContainer(
        ContainerSpec(name="sandbox"), clock, words={**WORK, **(words or {})}
    )
    history = History(io.StringIO(), clock)
    made = MemoryFilter() if filtered else None
    tree = made.tree if made is not None else None
    target = InjectionTarget(
        fault=spec.fault, container=container, user="root", fetch=lambda *_: None, exec_filter=tree
    )
    nemesis = Nemesis(
        target,
        container,
        history,
        Protected(spec.task.protect, target.fault, container.probes),
        tree,
    )
    artifacts: dict[str, bytes] = {}

    def keep(data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        artifacts[name] = data
        return name

    session = Session(spec.task, container, nemesis, history, keep, Stop(clock, stop_at), tree)
    return contextlib.closing(
        Room(
            spec=spec, clock=clock, container=container, history=history, nemesis=nemesis,
            session=session, filter=made, artifacts=artifacts,
        )
    )  # fmt: skip
