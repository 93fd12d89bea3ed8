"""The end of a trial: the agent's processes die, then present, unharmed, solved, in this order.

Nothing here trusts what the agent owns: files are read by the engine, and the verifier runs in a
fresh container of the pristine image.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from harness.containers.archive import join, only_file, pack
from harness.containers.carry import carry
from harness.containers.ports import Container, ContainerEngine, ContainerSpec, Probes
from harness.containers.processes import find_listeners, kill
from harness.history.events import Killed, Present, Solved, Unharmed
from harness.history.writer import History
from harness.injection.nemesis import Nemesis
from harness.models.task import Task
from harness.shelltext.quoting import quote, text_of

VERIFY_SECONDS = 120.0
"""What a verifier may take; longer means not solved."""

SCRATCH = "/scratch"
"""Where a verifier's temporary files are."""

LIBRARY = Path(str(files("harness.trial") / "lib.sh"))
"""The shell functions that verifiers share; a verifier reads them as `/verify/lib.sh`."""


def check(ground: Ground, container: Container, nemesis: Nemesis, history: History) -> None:
    """Write the verifier's four events."""
    task = ground.task
    spared = find_survivors(ground, container.probes)
    killed, survivors = kill(container, nemesis.world, spared)
    history.add(Killed(killed=tuple(killed), survivors=tuple(survivors)))
    if task.start is not None:
        container.probes.ask(f"({task.start}\n) >/dev/null 2>&1 </dev/null", seconds=30)
    present, need = nemesis.final()
    history.add(Present(present=present, need=need))
    history.add(Unharmed(changed=tuple(nemesis.protected.changed())))
    history.add(verify(ground, container))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the verifier stands on: the engine, the pristine image, and the task with its folder."""

    engine: ContainerEngine
    image: str
    task: Task
    folder: Path


def find_survivors(ground: Ground, probes: Probes) -> frozenset[int]:
    """Return the pids of the daemons that are part of the goal.

    Such a daemon's executable is the pristine image's, by content, and it listens on its port.
    """
    spared: set[int] = set()
    for survivor in ground.task.survives:
        found = probes.read(survivor.exe)
        original = ground.engine.fetch(ground.image, survivor.exe)
        pristine = only_file(original) if original is not None else None
        if found is not None and pristine is not None and found[0] == pristine[0]:
            spared |= find_listeners(probes, survivor.exe, survivor.port)
    return frozenset(spared)


# --- solved --------------------------------------------------------------------------------


def verify(ground: Ground, container: Container) -> Solved:
    """Run the task's verifier on fresh ground; return what it said."""
    task = ground.task
    outputs = carry({path: container.probes.get(path) for path in task.outputs})
    if not task.live:
        container.discard()
    network = f"container:{container.id}" if task.live else "loopback"
    name = f"{task.id} (verifier)"
    spec = ContainerSpec(name=name, network=network, limits=task.limits, scratch=SCRATCH)
    began = time.monotonic()
    with ground.engine.container(ground.image, spec) as fresh:
        # What the agent removed, and the image has, must not come back.
        room = f"rm -rf -- {quote(task.outputs)} /verify && mkdir -m 700 /verify"
        fresh.probes.script(room, "make room")
        answers = pack(ground.folder / "verify", "verify", top=0o700)
        fresh.probes.put(join([outputs, pack(LIBRARY, "verify/lib.sh"), answers]))
        script = (ground.folder / task.verify).read_text(encoding="utf-8")
        script = f"cd /verify; export TMPDIR={SCRATCH}\n{script}"
        result = fresh.probes.ask(script, seconds=VERIFY_SECONDS)
    said = text_of(result.stdout + result.stderr)
    return Solved(
        solved=result.exit_code == 0 and not result.timed_out and not result.died,
        exit_code=result.exit_code,
        output=said[-4000:],
        seconds=round(time.monotonic() - began, 4),
    )
