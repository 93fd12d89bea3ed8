"""How well the first wrong step is found: `python tests/bench/blame.py`, or `make blame-bench`.

Plays every planted run, asks the exhaustive scan after which steps the oracle still wins, lets the
search ask the same replays, and holds its answer against the scan's and against the step that was
planted.  Runs of tasks that need no service are played in scratch folders (as root, with the tools
that they use); with --containers all are played by the replays of `harness blame`.  It goes on
where it was stopped; the figures go into docs/blame.md.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).parent))
from folder import World
from planted import Planted, planted
from shown import put, table

from harness.attribution.document import went_wrong
from harness.attribution.equivalence import Classes, classes, over
from harness.attribution.experiment import Experiment, necessary
from harness.attribution.search import Found, budget, read, search
from harness.history.store import TrialFolder
from harness.library.library import Library
from harness.library.load import load
from harness.trial.resources import Resources, prepare, with_helpers
from harness.trial.trial import play

PAGE = Path(__file__).parents[2] / "docs" / "blame.md"
FULL_UP_TO = 12
"""steps: of such short runs every k is asked, of others one of each stretch of equal states"""
CAUSAL_EACH = 5
"""Of every how many runs the blamed step is left out."""
WANTS = {"weekly-report": ("gawk", "jq"), "migrate-orders": ("sqlite3",), "build-stats": ("gcc",)}
"""The tools that a folder's task needs here."""

Row = dict[str, Any]


class Lab(Protocol):
    """Where one run is played."""

    failed: bool
    """It went wrong when it was played as it is."""
    classes: Classes

    def passes(self, k: int) -> bool | None: ...
    def causal(self, step: int) -> bool | None: ...


class FolderLab:
    """A run in a scratch folder."""

    def __init__(self, run: Planted, library: Library, scratch: Path) -> None:
        task = library.tasks[run.spec.task.id]
        self._world = World(task, library.folders["task"][task.id], scratch)
        self._commands, self._solution = run.commands, task.solution
        played = self._world.play(run.commands, look=True)
        self.failed = not played.passed
        same = [a == b for a, b in zip(played.states, played.states[1:], strict=False)]
        self.classes: Classes = (0, *(k for k, equal in enumerate(same, start=1) if not equal))

    def passes(self, k: int) -> bool | None:
        """Play the first k steps, and the solution."""
        return self._world.play([*self._commands[:k], *self._solution]).passed

    def causal(self, step: int) -> bool | None:
        """Say whether the run passes without a step, alone or with the solution at its end."""
        left = [*self._commands[: step - 1], *self._commands[step:]]
        return self._world.play(left).passed or self._world.play([*left, *self._solution]).passed


class ContainerLab:
    """A run in containers, as `harness blame` plays it."""

    def __init__(self, run: Planted, made: Resources, scratch: Path, stop: threading.Event) -> None:
        folder = TrialFolder(scratch / "recorded")
        folder.path.mkdir()
        folder.write_spec(run.spec)
        self.failed = went_wrong(play(run.spec, made, folder, stop))
        (scratch / "again").mkdir()
        self._made = Experiment(folder, made, scratch / "again", stop)
        steps = len(run.commands)
        self.classes: Classes = classes(run.spec, self._made.events, steps, steps)

    def passes(self, k: int) -> bool | None:
        """Play the first k steps, and let the oracle go on."""
        return self._made.passes("oracle", k)

    def causal(self, step: int) -> bool | None:
        """Say whether the run passes without a step."""
        return necessary(self._made, step).causal


class Known:
    """What replays have shown, by the steps that change anything: with the same, the same follows.

    Kept in a file, a line a replay.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._passes: dict[str, bool] = {}
        self.seconds: list[float] = []
        """What each replay took that was played by this process."""

    def passes(self, run: Planted, lab: Lab, k: int, changing: Sequence[int]) -> bool | None:
        """Return what is known, else play it."""
        commands = [run.commands[step - 1] for step in changing if step <= k]
        said = json.dumps([run.spec.task.id, commands])
        key = hashlib.sha256(said.encode()).hexdigest()
        with self._lock:
            if self._path.exists():
                lines = self._path.read_text(encoding="utf-8").splitlines()
                self._passes.update(json.loads(line) for line in lines)
        if key not in self._passes:
            began = time.monotonic()
            passed = lab.passes(k)
            self.seconds.append(time.monotonic() - began)
            if passed is None:
                return None
            with self._lock, self._path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([key, passed]) + "\n")
            self._passes[key] = passed
        return self._passes[key]


def measured(run: Planted, number: int, lab: Lab, shared: Known) -> Row:
    """Find out all there is to know about one run."""
    steps, made = len(run.commands), lab.classes
    every_k = steps <= FULL_UP_TO
    scan = tuple(range(steps + 1)) if every_k else made
    asked = {k: shared.passes(run, lab, k, scan[1:]) for k in scan}
    exhaustive = over(scan, steps, 1, lambda last, _: _read(asked, scan, last))
    found = over(made, steps, steps + 1, partial(_search, run, asked, made))
    blamed = found.step if found.certain else None
    causal = lab.causal(blamed) if blamed and number % CAUSAL_EACH == 0 else None
    return {
        "trial": run.spec.trial,
        "task": run.spec.task.id,
        "kind": run.kind,
        "steps": steps,
        "changing": len(made) - 1,
        "planted": run.step,
        "failed": lab.failed,
        "every_k": every_k,
        "scan": exhaustive.step if exhaustive.certain else None,
        "blamed": blamed,
        "replays": found.replays,
        "allowed": budget(steps),
        "violated": found.scanned,
        "asked_causal": bool(blamed) and number % CAUSAL_EACH == 0,
        "causal": causal,
    }


def _read(asked: dict[int, bool | None], scan: Classes, last: int) -> Found:
    """Read the answer of the exhaustive scan."""
    return read({n: asked[k] for n, k in enumerate(scan)}, last, scanned=True)


def _search(
    run: Planted, asked: dict[int, bool | None], made: Classes, last: int, near: int
) -> Found:
    """Search as `harness blame` does, with its draws."""
    chance = random.Random(f"{run.spec.seed} {run.spec.trial} oracle")
    return search(lambda n: asked[made[n]], last, chance, near)


# --- all of them ---------------------------------------------------------------------------


def main() -> int:
    """Measure what is missing, for some time; write the figures when nothing is."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    given = _options()
    library = load()
    runs = [run for run in planted(library) if given.containers or movable(run, library)]
    done = rows(given.out)
    rest, every = map(int, given.some.split("/"))
    todo = [(n, run) for n, run in enumerate(runs) if run.spec.trial not in done]
    todo = [(n, run) for n, run in todo if n % every == rest]
    if todo and not given.so_far:
        until = time.monotonic() + 60 * given.minutes
        _measure(todo, library, given.out, given.jobs, until, containers=given.containers)
        done = rows(given.out)
    kept = [done[run.spec.trial] for run in runs if run.spec.trial in done]
    if not kept or (len(kept) < len(runs) and not given.so_far):
        print(f"{len(runs) - len(kept)} of {len(runs)} are left: call it again")
        return 3
    text = table(kept, len(runs))
    put(given.page, "containers" if given.containers else "folders", text)
    print(text)
    return 0 if held(kept) else 1


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--containers", action="store_true", help="in containers, all tasks")
    options.add_argument("--out", type=Path, help="where each run's figures are kept")
    options.add_argument("--minutes", type=float, default=1e9, help="begin no run after so long")
    options.add_argument("--jobs", "-j", type=int, default=2)
    options.add_argument("--some", default="0/1", help="I/N: of every N runs the I-th, from 0")
    options.add_argument("--page", type=Path, default=PAGE)
    options.add_argument("--so-far", action="store_true", help="measure nothing more")
    given = options.parse_args()
    where = "containers" if given.containers else "folders"
    given.out = given.out or Path("runs") / f"blame-bench-{where}.jsonl"
    return given


def movable(run: Planted, library: Library) -> bool:
    """Say whether a run can be played in a folder: no service, no daemon, and all tools here."""
    task = library.tasks[run.spec.task.id]
    tools = all(shutil.which(tool, path="/usr/bin:/bin") for tool in WANTS.get(task.id, ()))
    return tools and task.network == "none" and not task.live


def _measure(
    todo: Sequence[tuple[int, Planted]],
    library: Library,
    out: Path,
    jobs: int,
    until: float,
    *,
    containers: bool,
) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    shared, lock, stop = Known(out.with_suffix(".known")), threading.Lock(), threading.Event()

    def one(made: Resources | None, number: int, run: Planted) -> None:
        if time.monotonic() > until:
            return
        with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
            path = Path(scratch)
            lab = ContainerLab(run, made, path, stop) if made else FolderLab(run, library, path)
            row = measured(run, number, lab, shared)
        with lock, out.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        _say(f"{row['trial']}: planted {row['planted']}, blamed {row['blamed']}")

    with contextlib.ExitStack() as stack:
        specs = [run.spec for _, run in todo]
        bare = prepare(library, specs, "blame-bench", _say) if containers else None
        made = stack.enter_context(with_helpers(bare, specs, _say)) if bare else None
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        futures = [pool.submit(one, made, *each) for each in todo]
        try:
            for future in futures:
                future.result()
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    if shared.seconds:
        mean = sum(shared.seconds) / len(shared.seconds)
        _say(f"{len(shared.seconds)} replays, {mean:.2f} s each (mean)")


def rows(path: Path) -> dict[str, Row]:
    """Return what has been measured, by trial."""
    if not path.exists():
        return {}
    some = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["trial"]: row for row in some}


def held(kept: Sequence[Row]) -> bool:
    """Say whether the promises hold: 98 % agreement with both, and few enough replays."""
    cheap = all(row["replays"] <= row["allowed"] or row["violated"] for row in kept)
    agree = [sum(r["blamed"] == r[t] for r in kept) / len(kept) for t in ("scan", "planted")]
    return cheap and min(agree) >= 0.98


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
