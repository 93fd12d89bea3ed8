"""Findings as people, editors and CI services want to read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Literal
from urllib.parse import quote

from harness import __version__
from harness.library.diagnostics import CODES, Diagnostic
from harness.views.ci.annotations import annotation

Format = Literal["concise", "json", "github", "sarif"]


def render(found: Sequence[Diagnostic], form: Format) -> str:
    """Return the findings in one of the formats, without a line break at the end."""
    match form:
        case "concise":
            return "\n".join(map(str, found))
        case "json":
            return json.dumps([_row(d) for d in found], indent=2, ensure_ascii=False)
        case "github":
            return "\n".join(map(_annotation, found))
        case "sarif":
            return json.dumps(_sarif(found), indent=2, ensure_ascii=False)


def summary(found: Sequence[Diagnostic]) -> str:
    """Return how many errors and warnings there are."""
    warnings = sum(diagnostic.warning for diagnostic in found)
    errors = len(found) - warnings
    counts = [
        f"{n} {word}{'s' * (n != 1)}" for n, word in ((errors, "error"), (warnings, "warning")) if n
    ]
    return ", ".join(counts) or "no findings"


def _level(diagnostic: Diagnostic) -> Literal["warning", "error"]:
    return "warning" if diagnostic.warning else "error"


def _row(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "path": diagnostic.path,
        "line": diagnostic.line,
        "col": diagnostic.col,
        "code": diagnostic.code,
        "level": _level(diagnostic),
        "message": diagnostic.message,
    }


def _annotation(diagnostic: Diagnostic) -> str:
    """Return a workflow command that annotates the line of a pull request."""
    return annotation(
        _level(diagnostic),
        diagnostic.message,
        title=diagnostic.code,
        path=diagnostic.path,
        line=diagnostic.line,
        col=diagnostic.col,
    )


def _sarif(found: Sequence[Diagnostic]) -> dict[str, Any]:
    """Return a log of the Static Analysis Results Interchange Format, 2.1.0."""
    codes = sorted({diagnostic.code for diagnostic in found})
    rules = [{"id": code, "shortDescription": {"text": CODES[code]}} for code in codes]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "harness lint", "version": __version__, "rules": rules}
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(diagnostic) for diagnostic in found],
            }
        ],
    }


def _result(diagnostic: Diagnostic) -> dict[str, Any]:
    path = PurePath(diagnostic.path)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    return {
        "ruleId": diagnostic.code,
        "level": _level(diagnostic),
        "message": {"text": diagnostic.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": diagnostic.line, "startColumn": diagnostic.col},
                }
            }
        ],
    }
