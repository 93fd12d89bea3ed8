"""Baselines: how an agent did, as a JSON file to commit, pinned to what it was measured on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

import harness
from harness.errors import InputError
from harness.history.store import Run
from harness.models.values import Frozen
from harness.release.cells import Cell, read_cells


class Baseline(Frozen):
    """A baseline's file."""

    format: Literal[1] = 1
    harness: str
    """The version that wrote it."""
    run: str
    """The run's id."""
    created: str
    """When the run was, ISO 8601, UTC."""
    cells: tuple[Cell, ...]


def of_run(path: Path) -> Baseline:
    """Return the baseline that a run makes.  Raises `InputError` if no trial is valid."""
    facts = Run.open(path).facts()
    kept = tuple(cell for cell in read_cells(path).cells if cell.valid)
    if not kept:
        raise InputError(f"{path}: no valid trial; there is nothing to compare with later")
    return Baseline(
        harness=harness.__version__,
        run=str(facts.get("id", "")),
        created=str(facts.get("created", "")),
        cells=kept,
    )


def serialize(baseline: Baseline) -> str:
    """Return the file's text: a cell a line, so that a diff shows which cells changed."""
    head = baseline.model_dump(mode="json", exclude={"cells"})
    rows = [json.dumps(_row(cell)) for cell in sorted(baseline.cells, key=lambda c: c.key)]
    start = json.dumps(head, indent=1)[:-2]
    return f'{start},\n "cells": [\n  ' + ",\n  ".join(rows) + "\n ]\n}\n"


def _row(cell: Cell) -> dict[str, Any]:
    """Return a cell with its k/n in front of its attempts."""
    row = cell.model_dump(mode="json")
    results = row.pop("results")
    return {**row, **_counts(cell), "results": results}


def _counts(cell: Cell) -> dict[str, int]:
    count = cell.count("passing" if cell.control else "mastery")
    return {"k": count.hits, "n": count.trials}


def read(path: Path) -> Baseline:
    """Read a baseline's file, or make one of a run's folder.  Raises `InputError`."""
    if path.is_dir():
        return of_run(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{path} is not there: `harness baseline RUN -o {path}` makes it"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from None
    return _model(data, path)


def _model(data: Any, path: Path) -> Baseline:
    rows = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{path}: no baseline: there are no `cells`")
    told = [(row.pop("k", None), row.pop("n", None)) for row in rows]
    try:
        made = Baseline.model_validate_json(json.dumps(data), extra="ignore")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}: no baseline: {place}: {first['msg']}") from None
    for cell, counts in zip(made.cells, told, strict=True):
        if counts != tuple(_counts(cell).values()):
            raise InputError(f"{path}: {cell.name}: k/n contradict the results; make it anew")
    return made
