"""Many trials: in parallel, interruptible, each recorded as soon as it is over."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TypeVar

import psutil

from harness.agents.allowance import Cancelled
from harness.history.store import Run
from harness.library.library import Library
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome
from harness.trial.progress import SILENT, Progress, ignore
from harness.trial.resources import PER_CPU, Resources, prepare, with_gateway, with_helpers
from harness.trial.trial import play

THINKS_IN = 8
"""An agent that thinks leaves its sandbox idle: it holds a small part of the memory it may have."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def capacity(specs: Sequence[TrialSpec]) -> int:
    """Return how many of these trials the machine can carry at once.

    Processors and memory bound those of deterministic agents, memory alone those of agents that
    think, and mostly wait for it; of both together no more than of the former.
    """
    largest = max(spec.task.limits.memory * (1 + len(spec.task.services)) for spec in specs)
    free = psutil.virtual_memory().available * 0.8
    if not any(spec.agent.deterministic for spec in specs):
        return max(1, min(len(specs), int(free * THINKS_IN / largest)))
    return max(1, min(PER_CPU * (os.cpu_count() or 1), int(free / largest)))


def alike(specs: Sequence[TrialSpec]) -> list[list[TrialSpec]]:
    """Return the trials of agents that think, and those of the others, which take a processor."""
    thinking = [spec for spec in specs if not spec.agent.deterministic]
    others = [spec for spec in specs if spec.agent.deterministic]
    return [batch for batch in (thinking, others) if batch]


def unfinished(specs: Sequence[TrialSpec], run: Run) -> list[TrialSpec]:
    """Return the trials that have no valid verdict yet."""
    done = {t for t, v in run.finished().items() if v.outcome is not Outcome.INVALID}
    return [spec for spec in specs if spec.trial not in done]


def play_missing(
    library: Library,
    specs: Sequence[TrialSpec],
    run: Run,
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> None:
    """Make ready what the trials need and play those that have no valid verdict yet.

    `jobs`: trials at once; None: as many as the machine can carry.
    """
    todo = unfinished(specs, run)
    if not todo:
        return

    def note(text: str) -> None:
        run.log.info(text)
        progress.note(text)

    batches = [(todo, jobs)] if jobs else [(batch, capacity(batch)) for batch in alike(todo)]
    made = prepare(library, todo, run.path.resolve().name, note)
    at_once = ", then ".join(str(number) for _, number in batches)
    note(f"{len(todo)} trials, {at_once} at once, into {run.path}")
    with with_helpers(made, todo, note) as helped, with_gateway(helped, todo) as ready:
        progress.start(len(todo))
        for batch, number in batches:
            carry_out(batch, run, ready, number, progress)


def carry_out(
    specs: Sequence[TrialSpec],
    run: Run,
    resources: Resources,
    jobs: int,
    progress: Progress = SILENT,
) -> None:
    """Play the trials, `jobs` at a time.  An interrupt stops all of them and leaves nothing behind.

    Raises whatever a worker raised (a defect of the harness) after the others have stopped.
    """
    stop, run_log = threading.Event(), run.log

    def one(spec: TrialSpec) -> None:
        if stop.is_set():
            return
        log = run_log.bind(trial=spec.trial)
        log.info("begins")
        try:
            progress.begin(spec)
            verdict = play(spec, resources, run.trial(spec), stop)
        except Cancelled:
            log.warning("cancelled")
            return
        except Exception:
            log.exception("a defect")
            raise
        tell = log.warning if verdict.outcome is Outcome.INVALID else log.info
        tell("ends", outcome=verdict.outcome, reason=verdict.reason)
        progress.end(spec, verdict)

    in_parallel(one, specs, jobs, stop)


def in_parallel(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    stop: threading.Event,
    done: Callable[[Result], None] = ignore,
) -> list[Result]:
    """Do the work on all items, `jobs` at a time, and return the results in the items' order.

    `done` is called in this thread with each result as it comes.

    After an error or an interrupt `stop` is set, what has not begun is dropped, what runs is waited
    for, and the error is raised.
    """
    with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="trial") as pool:
        futures: list[Future[Result]] = [pool.submit(work, item) for item in items]
        try:
            for future in as_completed(futures):
                done(future.result())
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return [future.result() for future in futures]
