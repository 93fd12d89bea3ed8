"""Read what the pages show from a run's folder; what is finished is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.overview import overview
from harness.reading import Log
from harness.report import data, origins
from harness.report.lane import Lane, lane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.store import Run, TrialFolder


class Gathered:
    """A run, its trials' pictures made on demand."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._origins: dict[str, origins.Origin | None] = {}

    def page(self) -> data.Document:
        """Return the run's document."""
        specs = self.run.specs()
        shown = overview(self.run)
        found = [self._origin(verdict.trial) for verdict in shown.trials]
        page = data.page(shown, self.run.facts(), specs)
        return page | {"origins": [origin for origin in found if origin is not None]}

    def pictures(self) -> Iterator[tuple[str, Lane]]:
        """Return all trials begun, each with its picture."""
        for folder in self.run.folders():
            yield folder.trial, self.picture(folder)

    def picture(self, folder: TrialFolder) -> Lane:
        """Return one trial's picture; a damaged history gives one that says so."""
        spec, verdict = folder.read_spec(), folder.read_verdict()
        events, failed = _events(folder)
        found = lane(spec, Log(events), verdict)
        self._origins[folder.trial] = origins.origin(spec, found, verdict)
        return found | {"failed": failed} if failed else found

    def _origin(self, trial: str) -> origins.Origin | None:
        """Return where a finished trial went wrong, from its picture."""
        if trial not in self._origins:
            self.picture(self.run.folder(trial))
        return self._origins[trial]


def _events(folder: TrialFolder) -> tuple[list[dict[str, Any]], str]:
    try:
        return folder.read_events(), ""
    except HarnessError as error:
        return [], str(error)
