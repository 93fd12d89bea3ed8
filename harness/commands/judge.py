"""`harness judge`: read the verdicts off the stored histories again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from harness.analysis.verdict import JUDGE, judge
from harness.commands.show import Folder, opened
from harness.errors import HarnessError
from harness.history.events import Event, Failed
from harness.history.store import Run
from harness.views.terminal.sanitize import line

if TYPE_CHECKING:
    from pathlib import Path

    from harness.history.store import TrialFolder
    from harness.models.nouns import Verdict

Changes = dict[str, tuple[Any, Any]]
"""column -> (old, new)"""


def judge_(
    run: Folder = None,
    /,
    *,
    dry_run: Annotated[bool, Parameter(negative=(), help="write nothing")] = False,
    json_: Annotated[bool, Parameter(name="--json", negative=(), help="as JSON")] = False,
) -> int:
    """Judge every finished trial of a run again, from its spec and its history.

    Says what changed and puts the new verdicts in place.  RUN is a folder that `harness run` wrote.
    """
    record = opened(run)
    finished = [folder for folder in record.folders() if folder.read_verdict() is not None]
    again = {folder.trial: (folder, *_again(folder)) for folder in finished}
    changed = {trial: row for trial, row in again.items() if row[2]}
    if changed and not dry_run:
        _write(record.path, [(folder, verdict) for folder, verdict, _ in changed.values()])
    changes = {trial: difference for trial, (_, _, difference) in changed.items()}
    print(_json(len(again), changes, dry_run) if json_ else _text(len(again), changes, dry_run))
    return 0


def _again(folder: TrialFolder) -> tuple[Verdict, Changes]:
    old, new = folder.read_verdict(), judge(folder.read_spec(), _events(folder))
    assert old is not None
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    return new, {key: (before[key], after[key]) for key in after if before[key] != after[key]}


def _events(folder: TrialFolder) -> list[Event]:
    """Return the history; a damaged one says nothing, and is judged so."""
    try:
        return folder.read_events()
    except HarnessError as error:
        return [Failed(message=str(error))]


def _write(path: Path, rows: list[tuple[TrialFolder, Verdict]]) -> None:
    with Run.resume(path) as record:
        for folder, verdict in rows:
            folder.finish(verdict)
        record.reindex()


def _json(judged: int, changes: dict[str, Changes], dry_run: bool) -> str:
    rows = [
        {
            "trial": trial,
            "changes": {key: {"old": old, "new": new} for key, (old, new) in c.items()},
        }
        for trial, c in changes.items()
    ]
    document = {"format": 1, "judge": JUDGE, "judged": judged, "changed": rows}
    return json.dumps(document | {"written": bool(rows) and not dry_run}, indent=1)


def _text(judged: int, changes: dict[str, Changes], dry_run: bool) -> str:
    rows = [f"{line(trial)}: {_told(difference)}" for trial, difference in changes.items()]
    written = " (nothing written)" if dry_run else ""
    return "\n".join([*rows, f"{judged} judged by rules {JUDGE}: {len(rows)} changed{written}"])


def _told(difference: Changes) -> str:
    return "; ".join(
        f"{key} {_word(old)} -> {_word(new)}" for key, (old, new) in difference.items()
    )


def _word(value: Any) -> str:
    return line(json.dumps(value) if not isinstance(value, str) else value)
