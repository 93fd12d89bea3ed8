"""One fold over a history: the agent's steps, the fault's intervals, the claim, the checks.

All that reads a trial reads it here; an action and its observation are put together once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from harness.history.events import (
    Action,
    Begun,
    Confirmed,
    Effect,
    Exec,
    HandedOver,
    Injected,
    Message,
    Observation,
    Present,
    Probed,
    Reverted,
    Solved,
    Stopped,
    Surveyed,
    Unharmed,
)
from harness.history.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.history.base import BaseEvent
    from harness.history.events import Event
    from harness.history.steps import Exchange, Step

    E = TypeVar("E", bound=BaseEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From when to when the fault was known to be in force."""

    start: Confirmed
    end: Reverted | Probed | Present | Confirmed | None = None
    """None: to the end.  `Confirmed`: another injection came, and was not confirmed."""

    @property
    def ended_by(self) -> Literal["agent", "harness"] | None:
        """Tell a repair by the agent from the harness's own revert; None where it was neither."""
        match self.end:
            case Reverted():
                return "harness"
            case Probed() | Present():
                return "agent"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """One injection of the fault: whether it was confirmed, and whether the harness ended it."""

    injected: Injected
    confirmed: Confirmed | None
    reverted: Reverted | None


class Timeline:
    """A history, folded once.  `events[n].seq == n`, and all times are on the agent's clock."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = _on_one_clock(events)
        self._by_kind: defaultdict[type[BaseEvent], list[Event]] = defaultdict(list)
        folded = self._steps = Steps()
        for event in self.events:
            self._by_kind[type(event)].append(event)
            folded.add(event)
        self.steps: Sequence[Step] = folded.all
        self.trailing: Sequence[Exchange] = folded.waiting
        """What passed between the agent and its model after the last step."""

    def of(self, kind: type[E]) -> Sequence[E]:
        """Return the events of one kind, in order."""
        return self._by_kind[kind]  # type: ignore[return-value]

    def first(self, kind: type[E]) -> E | None:
        """Return the first event of a kind."""
        return next(iter(self.of(kind)), None)

    def last(self, kind: type[E]) -> E | None:
        """Return the last event of a kind."""
        found = self.of(kind)
        return found[-1] if found else None

    # --- steps ----------------------------------------------------------------------------

    def step(self, number: int | None) -> Step | None:
        """Return a step by its number."""
        return self._steps.get(number)

    def step_of(self, event: Event | None) -> Step | None:
        """Return the step that an event names, else the one that was under way."""
        named = step_named(event)
        if event is None or named is not None:
            return self.step(named)
        begun = [step for step in self.steps if step.action.seq <= event.seq]
        return begun[-1] if begun else None

    def steps_after(self, event: Event) -> Iterator[Step]:
        """Yield the steps that began behind an event."""
        return (step for step in self.steps if step.action.seq > event.seq)

    # --- the fault ------------------------------------------------------------------------

    @cached_property
    def injections(self) -> tuple[Injection, ...]:
        """Every injection, in order."""
        confirmed = {event.injection: event for event in self.of(Confirmed)}
        reverted = {event.injection: event for event in self.of(Reverted)}
        return tuple(
            Injection(
                injected=event,
                confirmed=confirmed.get(event.injection),
                reverted=reverted.get(event.injection),
            )
            for event in self.of(Injected)
        )

    @cached_property
    def confirmed(self) -> tuple[Confirmed, ...]:
        """The moments from which the fault was really in force."""
        return tuple(event for event in self.of(Confirmed) if event.confirmed)

    @cached_property
    def reverted(self) -> frozenset[int]:
        """The injections that the harness ended itself."""
        return frozenset(event.injection for event in self.of(Reverted))

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """When the fault was known to be in force, and what ended it."""
        found: list[Interval] = []
        start: Confirmed | None = None
        for event in self.events:
            match event:
                case Confirmed() if event.confirmed:
                    start = start or event
                case Reverted() | Probed() | Present() | Confirmed() if start and _ends(event):
                    found.append(Interval(start=start, end=event))
                    start = None
        return (*found, *([Interval(start=start)] if start else []))

    def in_force(self, event: Event) -> bool:
        """Say whether the fault is in force right after an event, as far as is known."""
        return any(
            each.start.seq <= event.seq and (each.end is None or event.seq < each.end.seq)
            for each in self.intervals
        )

    # --- the end --------------------------------------------------------------------------

    @property
    def sees_executions(self) -> bool:
        """Say whether the exec filter recorded what was executed."""
        begun = self.first(Begun)
        return begun is not None and begun.exec_filter == "seccomp"

    @cached_property
    def final_message(self) -> str:
        """The agent's last words; empty where there are none."""
        final = [event.text for event in self.of(Message) if event.final]
        return final[-1] if final else ""

    @property
    def solved(self) -> bool | None:
        """What the task's verifier said."""
        found = self.last(Solved)
        return None if found is None else found.solved

    @property
    def present(self) -> bool | None:
        """Whether the fault was there at the last look."""
        found = self.last(Present)
        return None if found is None else found.present

    @property
    def changed(self) -> tuple[str, ...] | None:
        """The protected paths that differ; None where that was not looked at."""
        found = self.last(Unharmed)
        return None if found is None else found.changed

    @property
    def stopped(self) -> Stopped | None:
        """How the agent stopped."""
        return self.last(Stopped)


def _ends(event: Reverted | Probed | Present | Confirmed) -> bool:
    match event:
        case Probed() | Present():
            return event.present is False
        case Confirmed():
            return not event.confirmed
    return True


def step_named(event: Event | None) -> int | None:
    """Return the number of the step to which an event itself says that it belongs."""
    match event:
        case Action() | Observation() | Exec() | Surveyed() | Probed() | Effect():
            return event.step
    return None


def _on_one_clock(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return the events numbered from 0, with what came before the hand-over at negative times.

    The writer cannot know how long the preparation will take; `handed_over` says how long it was.
    """
    kinds = [type(event) for event in events]
    place = kinds.index(HandedOver) if HandedOver in kinds else 0
    first = events[place] if events else None
    before = first.before if isinstance(first, HandedOver) else None
    return tuple(
        _place(event, n, before if before is not None and n < place else 0.0)
        for n, event in enumerate(events)
    )


def _place(event: Event, seq: int, before: float) -> Event:
    if event.seq == seq and not before:
        return event
    return event.model_copy(update={"seq": seq, "t": round(event.t - before, 4)})
