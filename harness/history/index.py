"""The verdicts of a run as one SQLite table, for questions in SQL; the files remain the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from harness.models.verdict import Verdict

COLUMNS = tuple(Verdict.model_fields)


def write(path: Path, trials: Mapping[str, Verdict | None]) -> None:
    """Build the index anew and put it in place whole.

    Table `trials` has the verdict's columns and `state`: `finished`, or `unfinished` (only
    `trial` is known then).  Booleans are 1, 0 and NULL.
    """
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    with closing(sqlite3.connect(aside)) as database, database:
        database.execute(f"CREATE TABLE trials ({', '.join(COLUMNS)}, state, PRIMARY KEY (trial))")
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        rows = (_row(trial, verdict) for trial, verdict in trials.items())
        database.executemany(f"INSERT INTO trials VALUES ({marks})", rows)
    aside.replace(path)


def _row(trial: str, verdict: Verdict | None) -> tuple[object, ...]:
    if verdict is None:
        return (*(trial if name == "trial" else None for name in COLUMNS), "unfinished")
    values = verdict.model_dump(mode="json")
    return (*(values[name] for name in COLUMNS), "finished")
