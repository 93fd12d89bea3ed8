"""How well the first wrong step is found: `python tests/bench/blame.py`, or `make blame-bench`.

Plays every planted run, finds its first wrong step, and holds it against the exhaustive scan and
against the step that was planted.  Both the search and the scan ask the same replays, so that they
can only differ by the search.  Goes on where it was stopped; when all are done it writes the
table into docs/blame.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from planted import Planted, planted

from harness.agents.continued import Way
from harness.authoring.load import load
from harness.blame import labels
from harness.blame.classes import classes, over
from harness.blame.experiment import Experiment, necessary
from harness.blame.search import Found, budget, read, search
from harness.kit import kit
from harness.record.store import TrialFolder, write_whole
from harness.trial import Kit, play

PAGE = Path(__file__).parents[2] / "docs" / "blame.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
RARE = 10
"""Every how many runs the second way on is scanned as well, the run is played again as it was, and
its blamed step is left out."""
FULL_UP_TO = 10
"""steps: of such short runs every k is asked, of others one of each stretch of equal states"""

Row = dict[str, Any]


class Known:
    """What replays have shown, by the steps that change anything: with the same, the same follows.

    Kept in a file, a line a replay.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._passes: dict[str, bool] = {}

    def passes(self, lab: Experiment, way: Way, k: int, changing: Sequence[int]) -> bool | None:
        """Return what is known, else play it."""
        commands = [lab.commands[step - 1] for step in changing if step <= k]
        said = json.dumps([lab.spec.task.id, way, commands])
        key = hashlib.sha256(said.encode()).hexdigest()
        if key not in self._passes:
            self._look()
        if key not in self._passes:
            passed = lab.passes(way, k)
            if passed is None:
                return None
            with self._lock, self._path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([key, passed]) + "\n")
            self._passes[key] = passed
        return self._passes[key]

    def _look(self) -> None:
        """Take over what others have found out meanwhile."""
        if self._path.exists():
            lines = self._path.read_text(encoding="utf-8").splitlines()
            self._passes.update(json.loads(line) for line in lines)


def measured(run: Planted, number: int, made: Kit, scratch: Path, shared: Known) -> Row:
    """Play one run and find out all there is to know about it."""
    folder = TrialFolder(scratch / "recorded")
    folder.path.mkdir()
    folder.write_spec(run.spec)
    verdict = play(run.spec, made, folder, threading.Event())
    (scratch / "again").mkdir()
    lab = Experiment(folder, made, scratch / "again", threading.Event())
    steps = len(run.commands)
    rare = number % RARE == 0
    again = lab.again() if rare else None
    known = classes(run.spec, lab.events, steps, steps)
    lab.classes = tuple(range(steps + 1)) if steps <= FULL_UP_TO else known
    ways: list[Way] = ["oracle", "afresh"] if rare else ["oracle"]
    changing = range(1, steps + 1) if steps <= FULL_UP_TO else known[1:]
    tables = {way: {k: shared.passes(lab, way, k, changing) for k in lab.classes} for way in ways}
    scans: dict[str, Found] = {way: read_all(lab, tables[way]) for way in ways}
    lab.classes = known
    found: dict[str, Found] = {}
    near = steps + 1
    for way in ways:
        found[way] = over(known, steps, near, partial(asked, lab, way, tables[way]))
        near = found[way].step or near
    step = labels.point(found).step
    need = necessary(lab, step) if rare and step is not None else None
    seconds = [p.seconds for p in lab.probes]
    return {
        "trial": run.spec.trial,
        "task": run.spec.task.id,
        "kind": run.kind,
        "steps": steps,
        "classes": len(known) - 1,
        "planted": run.step,
        "outcome": verdict.outcome,
        "again": None if again is None else again.passed,
        "fidelity": min((p.alike for p in lab.probes), default=None),
        "diverged": sum(p.diverged is not None for p in lab.probes),
        "every_k": steps <= FULL_UP_TO,
        "scanned": labels.point(scans).step,
        "blamed": step,
        "ways": {
            way: {
                "scan": scans[way].step,
                "scan_replays": len(scans[way].passes),
                "found": found[way].step,
                "replays": len(found[way].passes),
                "allowed": budget(max(1, steps)),
                "violated": found[way].scanned,
            }
            for way in ways
        },
        "causal": None if need is None else need.causal,
        "rare": rare,
        "seconds": sum(seconds) / len(seconds) if seconds else None,
        "played": len(seconds),
    }


def read_all(lab: Experiment, table: dict[int, bool | None]) -> Found:
    """Read the exhaustive scan's answer."""
    made = lab.classes
    world = {n: table[k] for n, k in enumerate(made)}

    def whole(last: int, near: int) -> Found:
        del near
        return read(world, last, scanned=True)

    return over(made, len(lab.commands), 1, whole)


def asked(lab: Experiment, way: Way, table: dict[int, bool | None], last: int, near: int) -> Found:
    """Search as `harness blame` does, with the same draws."""
    chance = random.Random(f"{lab.spec.seed} {lab.spec.trial} {way}")
    return search(lambda n: table[lab.classes[n]], last, chance, near)


# --- all of them ---------------------------------------------------------------------------


def main() -> int:
    """Measure what is missing, for some time; write the table when nothing is."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=Path("runs/blame-bench.jsonl"))
    options.add_argument("--minutes", type=float, default=1e9, help="begin no run after so long")
    options.add_argument("--jobs", "-j", type=int, default=2)
    options.add_argument("--some", help="I/N: only those of every N whose number leaves I")
    options.add_argument("--page", type=Path, default=PAGE)
    options.add_argument("--so-far", action="store_true", help="measure nothing more")
    given = options.parse_args()
    library = load()
    runs = list(planted(library))
    done = rows(given.out)
    rest, every = map(int, (given.some or "0/1").split("/"))
    todo = [(n, run) for n, run in enumerate(runs) if run.spec.trial not in done]
    todo = [(n, run) for n, run in todo if n % every == rest]
    if todo and not given.so_far:
        _measure(todo, given.out, given.jobs, time.monotonic() + 60 * given.minutes)
        done = rows(given.out)
    left = sum(run.spec.trial not in done for run in runs)
    if left and not given.so_far:
        print(f"{left} of {len(runs)} are left")
        return 3 if any(run.spec.trial not in done for _, run in todo) else 4
    kept = [done[run.spec.trial] for run in runs if run.spec.trial in done]
    if not kept:
        return 3
    text = table(kept) if len(kept) == len(runs) else f"{table(kept)}\n- {_so_far(kept, runs)}"
    put(given.page, text)
    print(text)
    return 0 if held(kept) else 1


def _so_far(kept: Sequence[Row], runs: Sequence[Planted]) -> str:
    return f"So far {len(kept)} of the {len(runs)} runs have been measured."


def _measure(todo: Sequence[tuple[int, Planted]], out: Path, jobs: int, until: float) -> None:
    specs = [run.spec for _, run in todo]
    out.parent.mkdir(parents=True, exist_ok=True)
    lock = threading.Lock()
    # Without the command gate, for speed: no planted step is told by what it executes.
    made = kit(load(), specs, "blame-bench", _say)
    shared = Known(out.with_suffix(".known"))

    def one(number: int, run: Planted) -> None:
        if time.monotonic() > until:
            return
        with tempfile.TemporaryDirectory() as scratch:
            row = measured(run, number, made, Path(scratch), shared)
        with lock, out.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        _say(f"{row['trial']}: planted {row['planted']}, blamed {row['blamed']}")

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda each: one(*each), todo))


def rows(path: Path) -> dict[str, Row]:
    """Return what has been measured, by trial."""
    if not path.exists():
        return {}
    some = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["trial"]: row for row in some}


def held(kept: Sequence[Row]) -> bool:
    """Say whether the promises hold: 98 % agreement with both, and few enough replays."""
    cheap = all(
        way["replays"] <= way["allowed"] or way["violated"]
        for row in kept
        for way in row["ways"].values()
    )
    return cheap and min(_share(kept, "scanned"), _share(kept, "planted")) >= 0.98


def _share(kept: Sequence[Row], truth: str) -> float:
    hits = sum(1 for row in kept if row["blamed"] == row[truth])
    return hits / len(kept)


def table(kept: Sequence[Row]) -> str:
    """Return the figures as Markdown."""
    lines = [
        (
            "| task | runs | steps | that change something | = scan | = planted"
            " | replays a way on, mean (most) | exhaustive |"
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        _line(task, [row for row in kept if task in {"all", row["task"]}])
        for task in [*sorted({row["task"] for row in kept}), "all"]
    ]
    return "\n".join([*lines, "", *_told(kept)])


def _line(task: str, some: Sequence[Row]) -> str:
    ways = [way for row in some for way in row["ways"].values()]
    asked = [way["replays"] for way in ways]
    steps = [row["steps"] for row in some]
    cells = [
        task,
        str(len(some)),
        f"{min(steps)} to {max(steps)}",
        _mean([row["classes"] for row in some]),
        f"{_share(some, 'scanned'):.1%}",
        f"{_share(some, 'planted'):.1%}",
        f"{_mean(asked)} ({max(asked)})",
        _mean([row["steps"] + 1 for row in some]),
    ]
    return f"| {' | '.join(cells)} |"


def _mean(numbers: Sequence[float]) -> str:
    return f"{sum(numbers) / len(numbers):.1f}"


def _told(kept: Sequence[Row]) -> list[str]:
    ways = [way for row in kept for way in row["ways"].values()]
    full = [row for row in kept if row["every_k"]]
    rare = [row for row in kept if row["rare"]]
    equal = sum(way["scan"] == way["found"] for way in ways)
    violated = sum(way["violated"] for way in ways)
    passed = sum(row["causal"] is True for row in rare)
    failed = sum(row["again"] is False for row in rare)
    alike = _of(row["fidelity"] for row in kept)
    diverged = sum(row["diverged"] for row in kept)
    lines = (
        f"- Found as planted, by kind: {_by_kind(kept)}.",
        f"- {len(ways)} searches: {equal} answered as their scan, {violated} fell back to one.",
        f"- {len(full)} runs were scanned at every single k, the others once in each stretch of",
        "  equal states; what follows on the same changing steps was played once. That took",
        f"  {sum(row['played'] for row in kept)} replays. {len(rare)} runs were scanned by both",
        "  ways on, the others by the oracle.",
        f"- Of {len(rare)} trials, {passed} pass without the blamed step, and {failed} fail again",
        "  when they are played as they were.",
        f"- In each run's worst replay {alike:.1%} of the steps came out as recorded (mean);",
        f"  {diverged} replays diverged.",
        (
            f"- A replay with its way on and its check took {_mean([r['seconds'] for r in kept])} s"
            " (mean, on a busy machine)."
        ),
    )
    return list(lines)


def _of(numbers: Iterable[float | None]) -> float:
    known = [each for each in numbers if each is not None]
    return sum(known) / max(1, len(known))


def _blame_seconds(row: Row) -> float | None:
    """Return what a blame by one way on takes: the survey, and what the search asks."""
    asked = 1 + int(row["ways"]["oracle"]["replays"])
    return None if row["seconds"] is None else float(row["seconds"]) * asked


def _by_kind(kept: Sequence[Row]) -> str:
    kinds: dict[str, list[Row]] = {}
    for row in kept:
        kinds.setdefault(row["kind"], []).append(row)
    return ", ".join(
        f"{kind} {sum(r['blamed'] == r['planted'] for r in some)} of {len(some)}"
        for kind, some in sorted(kinds.items())
    )


def put(page: Path, text: str) -> None:
    """Write the figures into the page."""
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    write_whole(page, f"{head}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
