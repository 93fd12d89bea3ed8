"""Many trials: planned, in parallel, interruptible, each recorded as soon as it is over."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import psutil

from harness.agents.session import Cancelled
from harness.history.store import Run
from harness.models.nouns import Outcome, TrialSpec, Verdict
from harness.trial.trial import Resources, play

PER_CPU = 2
"""Trials a processor carries: most of a trial is waiting for the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """What a campaign tells while it runs; both are called from its worker threads."""

    begins: Callable[[TrialSpec], None]
    ends: Callable[[TrialSpec, Verdict], None]


def capacity(specs: Sequence[TrialSpec]) -> int:
    """Return how many of these trials the machine can carry at once: processors and memory."""
    largest = max(spec.task.limits.memory * (1 + len(spec.task.services)) for spec in specs)
    by_memory = int(psutil.virtual_memory().available * 0.8 / largest)
    return max(1, min(PER_CPU * (os.cpu_count() or 1), by_memory))


def missing(specs: Sequence[TrialSpec], run: Run) -> list[TrialSpec]:
    """Return the trials that have no valid verdict yet."""
    done = {t for t, v in run.finished().items() if v.outcome is not Outcome.INVALID}
    return [spec for spec in specs if spec.trial not in done]


def carry_out(
    specs: Sequence[TrialSpec], run: Run, resources: Resources, jobs: int, watcher: Watcher
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
            watcher.begins(spec)
            verdict = play(spec, resources, run.trial(spec), stop)
        except Cancelled:
            log.warning("cancelled")
            return
        except Exception:
            log.exception("a defect")
            raise
        tell = log.warning if verdict.outcome is Outcome.INVALID else log.info
        tell("ends", outcome=verdict.outcome, reason=verdict.reason)
        watcher.ends(spec, verdict)

    with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="trial") as pool:
        futures: list[Future[None]] = [pool.submit(one, spec) for spec in specs]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
