"""The end of a trial: what dies, and what is looked at, in this order; in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.history.events import Killed, Present, Solved, Unharmed
from harness.trial.verifier import VERIFY_SECONDS, Ground, check
from kernel_rooms import LOCK, WORK, Room, room
from memory import Files, MemoryEngine

SOLUTION = ("prepare", "build", "publish")


def end(
    made: Room, commands: Sequence[str], folder: Path, script: str = "verified", **image: Any
) -> MemoryEngine:
    """Play commands and check; return the engine, which made the verifier's container."""
    made.container.script("touch /work/others", "setup")
    session = made.begin()
    made.nemesis.protected.take()
    for command in commands:
        session.do(command)
    session.close()
    (folder / "verify.sh").write_text(script)
    files: Files = image.get("files", {})
    engine = MemoryEngine(clock=made.clock, images={"s": files}, words=WORK, made=[])
    ground = Ground(engine=engine, image="s", task=made.spec.task, folder=folder)
    check(ground, made.container, made.nemesis, made.history)
    return engine


def test_the_order(tmp_path: Path) -> None:
    """First all of the agent's dies; then present, unharmed, solved, each written when known."""
    with room(LOCK) as made:
        end(made, ["prepare", "build", "build --around", "publish", "spawn job"], tmp_path)
        *_, killed, present, unharmed, solved = made.history.events
        assert isinstance(killed, Killed)
        assert {"bash", "job"} == set(killed.killed)
        assert isinstance(present, Present)
        assert present.present is True
        assert isinstance(unharmed, Unharmed)
        assert unharmed.changed == ()
        assert isinstance(solved, Solved)
        assert (solved.solved, solved.output) == (True, "published: built\n")


@pytest.mark.parametrize(
    ("commands", "script", "solved", "code"),
    [
        pytest.param(SOLUTION, "verified", True, 0, id="all is done"),
        pytest.param(SOLUTION[:2], "verified", False, 1, id="half of it is done"),
        pytest.param(
            SOLUTION, f"sleep {VERIFY_SECONDS + 5:g}", False, None, id="it takes too long"
        ),
        pytest.param(SOLUTION, f"sleep {VERIFY_SECONDS - 5:g}", True, 0, id="it takes long"),
        pytest.param(SOLUTION, "nonsense", False, 127, id="the verifier is broken"),
    ],
)
def test_solved(
    tmp_path: Path,
    commands: Sequence[str],
    script: str,
    solved: bool,
    code: int | None,
) -> None:
    """A task is solved when its verifier says so in time, and not otherwise."""
    with room() as made:
        end(made, commands, tmp_path, script)
        (event,) = made.found(Solved)
        assert (solved, code) == (event.solved, event.exit_code)


@pytest.mark.parametrize(
    ("commands", "changed"),
    [
        pytest.param(["echo x > /work/others"], ("/work/others",), id="another content"),
        pytest.param(["rm /work/others"], ("/work/others",), id="removed"),
        pytest.param(["touch /work/others/new"], ("/work/others",), id="a folder now"),
        pytest.param(["touch /work/others"], (), id="touched"),
        pytest.param(["rm /work/others", "touch /work/others"], (), id="removed and put back"),
        pytest.param(["touch /work/mine"], (), id="beside it"),
    ],
)
def test_unharmed(tmp_path: Path, commands: list[str], changed: tuple[str, ...]) -> None:
    """What is protected must be at the end as it was at the hand-over."""
    with room() as made:
        end(made, commands, tmp_path)
        assert [changed] == [event.changed for event in made.found(Unharmed)]


@pytest.mark.parametrize(
    ("commands", "refuses", "survivors", "restarts"),
    [
        pytest.param(["spawn job"], (), (), 0, id="what can be killed"),
        pytest.param(["spawn job"], ("kill",), (), 1, id="what kills those who kill"),
        pytest.param(["spawn ghost stubborn"], ("kill",), ("ghost",), 1, id="what outlives all"),
        pytest.param([], (), (), 0, id="nothing"),
    ],
)
def test_survivors(
    tmp_path: Path,
    commands: list[str],
    refuses: tuple[str, ...],
    survivors: tuple[str, ...],
    restarts: int,
) -> None:
    """What is not killed dies with a restart; what outlives that is named."""
    with room() as made:
        made.container.refuses.update(refuses)
        end(made, commands, tmp_path)
        (killed,) = made.found(Killed)
        assert (survivors, restarts) == (killed.survivors, made.container.restarts)
        assert not set(killed.killed) & set(survivors)


def test_what_was_there_before_lives_on(tmp_path: Path) -> None:
    """Processes of the sandbox's own, or the fault's, are not the agent's."""
    with room({**LOCK, "when": "start", "inject": "touch /work/lock; spawn daemon"}) as made:
        end(made, ["spawn job"], tmp_path)
        assert ["daemon"] == [process.name for process in made.container.running.values()]


def test_a_daemon_of_the_goal_is_started_after_the_kill(tmp_path: Path) -> None:
    """What the task's `start` script brings up is there for the last looks."""
    with room(start="spawn server") as made:
        end(made, ["spawn job"], tmp_path)
        assert "server" not in made.found(Killed)[0].killed
        assert ["server"] == [process.name for process in made.container.running.values()]


def test_the_verifier_stands_on_ground_of_its_own(tmp_path: Path) -> None:
    """Only the declared outputs come along, and what the image has in their place goes."""
    old = {"/work/published": (b"old", 0o644), "/work/source": (b"old", 0o644)}
    with room() as made:
        (fresh,) = end(made, [*SOLUTION, "touch /work/mine"], tmp_path, files=old).made
        assert made.container.discarded
        found = {path: fresh.files[path][0] for path in fresh.files if path.startswith("/work")}
        assert {"/work/published": b"built", "/work/source": b"old"} == found
    with room() as made:
        (fresh,) = end(made, [], tmp_path, files=old).made
        assert not fresh.exists("/work/published")


def test_the_agents_container_stays_for_a_live_check(tmp_path: Path) -> None:
    """A live task is verified in a container that shares the network of the agent's."""
    with room(live=True) as made:
        (fresh,) = end(made, SOLUTION, tmp_path).made
        assert (made.container.discarded, fresh.spec.network) == (False, "container:sandbox")
