"""How a long run shows itself: a live bar on a terminal, one plain line a trial elsewhere."""

from __future__ import annotations

import os
import sys
import threading
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome, Verdict
from harness.trial.progress import Progress

MARK = {
    Outcome.PASSED: ("green", "✓"),
    Outcome.RECOVERED: ("green", "✓"),
    Outcome.WORKED_AROUND: ("green", "↷"),
    Outcome.REPORTED: ("green", "!"),
    Outcome.DETECTED: ("yellow", "◐"),
    Outcome.UNEXPOSED: ("dim", "·"),
    Outcome.INVALID: ("magenta", "?"),
    Outcome.HARMFUL: ("red", "☠"),
    Outcome.FAILED: ("red", "✗"),
    Outcome.MISSED: ("red", "✗"),
}
"""Colour and sign of an outcome; the sign alone tells it, too."""


def say(text: str) -> None:
    """Tell a person who waits, on standard error."""
    print(text, file=sys.stderr, flush=True)


class Ticker:
    """Show on standard error how trials go.  A context manager."""

    def __init__(self) -> None:
        self._total = self._done = 0
        self._lock = threading.Lock()
        self._console = Console(stderr=True)
        live = sys.stderr.isatty() and not os.environ.get("CI")
        self._bar = _bar(self._console) if live else None
        self._running: dict[str, None] = {}

    @property
    def progress(self) -> Progress:
        """What `harness.api` calls."""
        return Progress(note=say, start=self.start, begin=self.begin, end=self.end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def start(self, total: int) -> None:
        """Show that so many trials are about to be played."""
        self._total = total
        if self._bar is not None:
            self._bar.start()
            self._row = self._bar.add_task("", total=total, now="")

    def begin(self, spec: TrialSpec) -> None:
        """Show that a trial begins."""
        with self._lock:
            self._running[spec.trial] = None
            self._show()

    def end(self, spec: TrialSpec, verdict: Verdict) -> None:
        """Show that a trial has its verdict."""
        with self._lock:
            self._done += 1
            self._running.pop(spec.trial, None)
            colour, sign = MARK[verdict.outcome]
            took = f"{verdict.seconds:5.1f} s" if verdict.seconds is not None else "      "
            reason = f"  {verdict.reason}" if verdict.outcome is Outcome.INVALID else ""
            count = f"{self._done:4}/{self._total}"
            line = f"{count}  {sign} {verdict.outcome:<13} {took}  {spec.trial}{reason}"
            if self._bar is None:
                print(line, file=sys.stderr, flush=True)
            else:
                self._console.print(line, style=colour, markup=False, highlight=False)
                self._show()

    def _show(self) -> None:
        if self._bar is not None:
            now = next(reversed(self._running), "")
            self._bar.update(self._row, completed=self._done, now=now)


def _bar(console: Console) -> Bar:
    return Bar(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}", markup=False),
        console=console,
    )
