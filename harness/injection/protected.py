"""What must not change: as it was at hand-over, or as the fault found or left it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from harness.containers.archive import fingerprint
from harness.containers.ports import Probes
from harness.models.fault import Fault

Rows = Mapping[tuple[str, str], str]
"""(protected path, name below it) -> fingerprint."""


class Protected:
    """A task's protected paths in one trial.

    The fault itself may change them.  To leave that as it is is no harm of the agent's, nor is it
    to put back what was there.
    """

    def __init__(self, paths: Sequence[str], fault: Fault, probes: Probes) -> None:
        self._paths = paths
        self._probes = probes
        self._handed_over: Rows | None = None
        self._excused: dict[tuple[str, str], set[str | None]] = {}
        self._near = any(
            _near(path, value) for path in paths for value in fault.params.values() if value
        )
        """Whether the fault can concern them."""

    def take(self) -> None:
        """Remember what they are at hand-over."""
        self._handed_over = self._rows()

    @contextlib.contextmanager
    def excusing(self) -> Iterator[None]:
        """Excuse what changes meanwhile: it is the fault that acts.

        What the agent had changed before is not excused.
        """
        before = self._rows() if self._near else {}
        yield
        after = self._rows() if self._near else {}
        for name in before.keys() | after.keys():
            states = {before.get(name), after.get(name)}
            right = self._handed_over is None or self._is_right(name, before)
            if right and len(states) > 1:
                self._excused.setdefault(name, set()).update(states)

    def changed(self) -> list[str]:
        """Return the protected paths that are neither as they were nor as the fault had them."""
        now = self._rows()
        names = now.keys() | (self._handed_over or {}).keys()
        differ = {path for path, name in names if not self._is_right((path, name), now)}
        return [path for path in self._paths if path in differ]

    def _is_right(self, name: tuple[str, str], now: Rows) -> bool:
        state = now.get(name)
        return state == (self._handed_over or {}).get(name) or state in self._excused.get(name, ())

    def _rows(self) -> Rows:
        return {
            (path, name): row
            for path in self._paths
            for name, row in fingerprint(self._probes.get(path)).items()
        }


def _near(path: str, value: str) -> bool:
    return path == value or path.startswith(f"{value}/") or value.startswith(f"{path}/")
