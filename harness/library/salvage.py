"""Make a model of what is right in a file, so that all its errors are told at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from harness.library.diagnostics import Diagnostic
from harness.library.shape import MODELS, Kind, Model
from harness.library.yaml_positions import Document

INDEPENDENT = frozenset({"E301", "E302", "E401", "E402", "E403", "E404", "E405", "E408"})
"""Findings that rest on one key alone, and hold whatever is wrong with the others."""

_STAND_INS: dict[Kind, dict[str, Any]] = {
    "task": dict.fromkeys(("title", "instruction", "sandbox", "damage"), "x") | {"solution": ["x"]},
    "fault": dict.fromkeys(("title", "category", "error_type"), "x"),
    "sandbox": {"title": "x"},
}


def salvage(kind: Kind, document: Document) -> tuple[Model | None, frozenset[str]]:
    """Return a model of the keys that are right, and the keys that are wrong or missing."""
    data = document.data
    if not isinstance(data, dict):
        return None, frozenset()
    wrong = {str(error["loc"][0]) for error in _validate(kind, data)[1] if error["loc"]}
    kept = {key: value for key, value in data.items() if key not in wrong}
    return _validate(kind, _STAND_INS[kind] | kept | {"id": "x"})[0], frozenset(wrong)


def _validate(kind: Kind, data: dict[str, Any]) -> tuple[Model | None, list[ErrorDetails]]:
    try:
        return MODELS[kind].model_validate_json(json.dumps(data), strict=True), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def independent(
    found: Iterable[Diagnostic],
    document: Document,
    wrong: frozenset[str],
    told: Iterable[Diagnostic],
) -> Iterator[Diagnostic]:
    """Return the findings that hold although some keys are wrong, where nothing is told yet."""
    places = {document.values.get(()), *((diagnostic.line, diagnostic.col) for diagnostic in told)}
    places |= {marks.get((key,)) for key in wrong for marks in (document.keys, document.values)}
    for diagnostic in found:
        if diagnostic.code in INDEPENDENT and (diagnostic.line, diagnostic.col) not in places:
            yield diagnostic
