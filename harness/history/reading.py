"""Read a history without trusting it: what is missing or of another kind is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.history.history import Event


class Log:
    """A history whose events have places, counted from 0."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = on_one_clock([e for e in events if isinstance(e, dict)])
        acts = list(self.all("agent", "acts"))
        self._steps = [(place, number(event, "step")) for place, event in acts]
        self._commands = {number(event, "step"): text(event, "command") for _, event in acts}

    def all(self, who: str, what: str, after: int = -1) -> Iterator[tuple[int, Event]]:
        """Return (place, event) of one kind behind a place, in order."""
        for place in range(after + 1, len(self.events)):
            event = self.events[place]
            if event.get("who") == who and event.get("what") == what:
                yield place, event

    def first(self, who: str, what: str) -> Event | None:
        """Return the first event of a kind."""
        return next((event for _, event in self.all(who, what)), None)

    def last(self, who: str, what: str) -> Event | None:
        """Return the last event of a kind."""
        found = [event for _, event in self.all(who, what)]
        return found[-1] if found else None

    def commands(self) -> Iterator[str]:
        """Return the commands of all steps, in order."""
        return (text(event, "command") for _, event in self.all("agent", "acts"))

    def command(self, place: int) -> str:
        """Return the command of the step that the event at a place belongs to."""
        return self._commands.get(self.step(place), "")

    def step(self, place: int) -> float | None:
        """Return the step that the event at a place names, else the one that was under way."""
        begun = (step for at, step in reversed(self._steps) if at <= place)
        named = number(self.events[place], "step")
        return next(begun, None) if named is None else named

    def time(self, place: int | None) -> float | None:
        """Return when the event at a place happened."""
        return None if place is None else number(self.events[place], "t")


def on_one_clock(events: Sequence[Event]) -> Sequence[Event]:
    """Return the events with what came before the hand-over at negative times.

    The writer cannot know how long it will take; `handed_over` says how long `before` was.
    """
    kinds = [(event.get("who"), event.get("what")) for event in events]
    handed_over = ("harness", "handed_over")
    place = kinds.index(handed_over) if handed_over in kinds else 0
    before = number(events[place], "before") if events else None
    if before is None:
        return events
    return [*(_earlier(event, before) for event in events[:place]), *events[place:]]


def _earlier(event: Event, seconds: float) -> Event:
    t = number(event, "t")
    return event if t is None else event | {"t": round(t - seconds, 4)}


def text(event: Event | None, key: str) -> str:
    """Return a text, empty if it is not known."""
    value = event.get(key) if event is not None else None
    return value if isinstance(value, str) else ""


def number(event: Event | None, key: str) -> float | None:
    """Return a number, if it is one."""
    value = event.get(key) if event is not None else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def truth(event: Event | None, key: str) -> bool | None:
    """Return a truth value, if it is one."""
    value = event.get(key) if event is not None else None
    return value if isinstance(value, bool) else None


def names(event: Event | None, key: str) -> list[str] | None:
    """Return a list of texts, if it is a list."""
    value = event.get(key) if event is not None else None
    return [str(each) for each in value] if isinstance(value, list | tuple) else None
