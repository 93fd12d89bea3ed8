"""The append-only history of a trial, written while it runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import IO

from harness.history.events import Event, HandedOver
from harness.history.steps import Steps


class History:
    """Write events as they happen: in memory for the nemesis, on disk for everything else."""

    def __init__(self, stream: IO[str], clock: Callable[[], float]) -> None:
        self.events: list[Event] = []
        self.steps = Steps()
        """The same, put together step by step."""
        self._stream = stream
        self._clock = clock
        self._origin = clock()

    def now(self) -> float:
        """Seconds since hand-over; before it, seconds since the trial began."""
        return self._clock() - self._origin

    def hand_over(self) -> None:
        """Start the agent's clock: from here on `t` counts from zero."""
        shift = self.now()
        self._origin += shift
        self.add(HandedOver(before=round(shift, 4)))

    def add(self, event: Event) -> Event:
        """Append one event, whole, with its place and time, and flush it."""
        placed = event.model_copy(update={"seq": len(self.events), "t": round(self.now(), 4)})
        self.events.append(placed)
        self.steps.add(placed)
        self._stream.write(json.dumps(placed.model_dump(), ensure_ascii=False) + "\n")
        self._stream.flush()
        return placed
