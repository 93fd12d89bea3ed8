"""A run whose specs and verdicts are parsed once, for as long as their files stay the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.history.store import Run, TrialFolder
from harness.models.trial import TrialSpec
from harness.models.verdict import Verdict

Stamp = tuple[int, int] | None
Kept = dict["Path", tuple[Stamp, Any]]


class RememberedFolder(TrialFolder):
    """A trial's folder that knows what it has read."""

    def __init__(self, path: Path, kept: Kept) -> None:
        super().__init__(path)
        self._kept = kept

    def read_spec(self) -> TrialSpec:
        """Return the stored spec."""
        spec: TrialSpec = self._once(self.path / "spec.json", super().read_spec)
        return spec

    def read_verdict(self) -> Verdict | None:
        """Return the stored verdict; None while the trial is not finished."""
        verdict: Verdict | None = self._once(self.path / "verdict.json", super().read_verdict)
        return verdict

    def _once(self, path: Path, read: Callable[[], Any]) -> Any:
        stamp = _stamp(path)
        if path not in self._kept or self._kept[path][0] != stamp:
            self._kept[path] = (stamp, read())
        return self._kept[path][1]


class Remembered(Run):
    """A run for reading, again and again."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._kept: Kept = {}

    def folder(self, trial: str) -> TrialFolder:
        """Return the folder of a trial, which need not exist."""
        return RememberedFolder(super().folder(trial).path, self._kept)

    def folders(self) -> list[TrialFolder]:
        """Return all trials begun, in order."""
        return [RememberedFolder(each.path, self._kept) for each in super().folders()]


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
