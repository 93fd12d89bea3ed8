"""The watch for a trigger: what the exec filter holds for it, and what is looked at meanwhile.

With the exec filter every program waits until the trigger has been asked, so that a fault is
injected right before it, or right after the one before it, wherever in a step that is.  Without the
filter a command is all that is seen: the fault comes before or after the whole of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from harness.containers.ports import Probes
from harness.containers.sidecars.exec_calls import Call
from harness.containers.sidecars.exec_filter import Kind, Tree
from harness.history.steps import Step
from harness.injection import file_facts, triggers
from harness.models.trigger import PROGRAMS, Trigger
from harness.shelltext.quoting import quote, text_of

LOOKS = frozenset(("created", "written", "holds"))
"""Triggers for which something must be looked at."""
HELD: dict[str, Kind] = {"opened": "open", "connect": "connect"}
"""The system calls, other than executions, that are held for a trigger."""
ANY_PROGRAM = "(?s)."

LOOK_SECONDS = 0.25
"""How often is looked while a command runs and starts nothing."""
FREE_LOOKS, PAUSE = 200, 0.05
"""So many programs of a step are looked at one by one; from then on one in so many seconds."""


def kinds_of(trigger: Trigger) -> tuple[Kind, ...]:
    """Return the system calls that the exec filter must show for a trigger."""
    return tuple(HELD[way.kind] for way in trigger.ways if way.kind in HELD)


class Watch:
    """Waits for a trigger or its `latest`; every answer is `yes, now` or `not yet`."""

    def __init__(self, trigger: Trigger, probes: Probes, exec_filter: Tree | None) -> None:
        self._ways = [_Way(way, probes, exec_filter) for way in trigger.ways]

    def arm(self) -> None:
        """Begin to wait."""
        for way in self._ways:
            way.arm()

    def disarm(self) -> None:
        """Wait no more."""
        for way in self._ways:
            way.disarm()

    def at_call(self, call: Call, now: float) -> bool:
        """Answer for a call that is held."""
        kinds = [way.rules[call.rule] for way in self._ways if call.rule in way.rules]
        return bool(kinds) and any(way.at_call(call, kinds[0], now) for way in self._ways)

    def follows(self, call: Call) -> bool:
        """Say whether the end of the call's process matters."""
        return any(call.pid in way.running for way in self._ways)

    def at_end(self, pid: int) -> bool:
        """Answer for a followed process that has ended."""
        return any(way.at_end(pid) for way in self._ways)

    def at_look(self, steps: Sequence[Step], pending: str | None, now: float) -> bool:
        """Answer before a command (`pending`), after it, and every now and then while it runs."""
        return any(way.at_look(steps, pending, now) for way in self._ways)


class _Way:
    """The watch for one trigger without its `latest`.  `now`: seconds since hand-over."""

    def __init__(self, trigger: Trigger, probes: Probes, exec_filter: Tree | None) -> None:
        self._trigger = trigger
        self._probes = probes
        self._exec_filter = exec_filter
        self.rules: dict[int | None, Kind] = {}
        """The filter's rules that wait for this."""
        self._stamps: file_facts.Stamps = frozenset()
        self._addresses: frozenset[str] = frozenset()
        self.running: dict[int, float] = {}
        """Processes that the trigger means -> since when they run."""
        self._looked, self._looks = float("-inf"), 0

    def arm(self) -> None:
        kind = self._trigger.kind
        if kind == "written":
            self._stamps = file_facts.stamps(self._probes, self._trigger.value)
        if kind == "connect":
            self._addresses = self._resolve()
        if kind in PROGRAMS or kind in HELD:
            self._hold(triggers.coarse_pattern(self._trigger), HELD.get(kind, "exec"))
        elif kind in LOOKS:
            self._hold(ANY_PROGRAM)

    def disarm(self) -> None:
        for rule in self.rules:
            if self._exec_filter is not None and rule is not None:
                self._exec_filter.drop(rule)
        self.rules.clear()
        self.running.clear()

    def at_call(self, call: Call, kind: Kind, now: float) -> bool:
        """Answer for a held call; it meets the rule of any way that is of its kind."""
        wanted = self._trigger.kind
        if kind != HELD.get(wanted, "exec"):
            return False
        if wanted in LOOKS:
            return self._due_for_look(now) and self._look(now)
        if wanted == "connect":
            return self._is_address(call.text)
        if wanted == "opened":
            return fnmatchcase(call.text, self._trigger.value)
        if not triggers.is_meant(self._trigger, call.argv):
            return False
        if wanted != "exec":
            self._follow(call.pid, now)
        return wanted == "exec"

    def _follow(self, pid: int, now: float) -> None:
        self.running.setdefault(pid, now)
        if self._trigger.kind == "after" and len(self.rules) == 1:
            self._hold(ANY_PROGRAM)  # what comes next waits until the injection is done

    def at_end(self, pid: int) -> bool:
        return self.running.pop(pid, None) is not None and self._trigger.kind == "after"

    def at_look(self, steps: Sequence[Step], pending: str | None, now: float) -> bool:
        kind = self._trigger.kind
        if kind in LOOKS:
            if pending is not None:
                self._looks = 0
            return (pending is not None or now - self._looked >= LOOK_SECONDS) and self._look(now)
        if kind in PROGRAMS and self._exec_filter is None:
            return triggers.due_by_text(self._trigger, steps, pending, now)
        if kind == "during":
            return any(now - since >= self._trigger.delay for since in self.running.values())
        return triggers.due(self._trigger, steps, pending, now)

    def _hold(self, pattern: str, kind: Kind = "exec") -> None:
        if self._exec_filter is not None:
            self.rules[self._exec_filter.rule(pattern, "hold", kind=kind)] = kind

    def _due_for_look(self, now: float) -> bool:
        return self._looks < FREE_LOOKS or now - self._looked >= PAUSE

    def _look(self, now: float) -> bool:
        self._looked, self._looks = now, self._looks + 1
        value = self._trigger.value
        if self._trigger.kind == "created":
            return file_facts.matching_exists(self._probes, value)
        if self._trigger.kind == "holds":
            return self._probes.ask(value, seconds=5).exit_code == 0
        changed = file_facts.stamps(self._probes, value) - self._stamps
        paths = sorted(map(file_facts.path_of, changed))
        return bool(paths) and file_facts.are_whole(self._probes, paths)

    def _resolve(self) -> frozenset[str]:
        host = quote([self._trigger.value.rpartition(":")[0]])
        said = self._probes.ask(f"getent ahosts {host}", seconds=5).stdout
        return frozenset(line.split(" ", 1)[0] for line in text_of(said).splitlines())

    def _is_address(self, text: str) -> bool:
        """Say whether a call's address is the host's; any host's, where the name leads nowhere."""
        host, _, port = text.rpartition(":")
        meant = not self._addresses or host.strip("[]") in self._addresses
        return meant and port == self._trigger.value.rpartition(":")[2]
