"""`harness judge`: read the verdicts off the stored histories again."""

from __future__ import annotations

import json
from typing import Annotated, Any

from cyclopts import Parameter

from harness import api
from harness.analysis.verdict import JUDGE
from harness.commands.show import Folder, open_run
from harness.views.terminal.sanitize import line

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
    judged = api.judge(open_run(run), write=not dry_run)
    changes = {each.folder.trial: each.changes for each in judged if each.changes}
    print((_json if json_ else _text)(len(judged), changes, dry_run))
    return 0


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
    rows = [f"{line(trial)}: {_tell(difference)}" for trial, difference in changes.items()]
    written = " (nothing written)" if dry_run else ""
    return "\n".join([*rows, f"{judged} judged by rules {JUDGE}: {len(rows)} changed{written}"])


def _tell(difference: Changes) -> str:
    return "; ".join(
        f"{key} {_word(old)} -> {_word(new)}" for key, (old, new) in difference.items()
    )


def _word(value: Any) -> str:
    return line(json.dumps(value) if not isinstance(value, str) else value)
