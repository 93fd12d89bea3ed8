"""JSON Schemas of the YAML files, for editors: `python -m harness.library.schema docs/schema`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from harness.library.shape import MODELS, Kind

DRAFT = "http://json-schema.org/draft-07/schema#"


def schema(kind: Kind) -> dict[str, Any]:
    """Return the schema of one kind of file, with the spellings that YAML files use."""
    made = MODELS[kind].model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    made["properties"].pop("id")
    definitions = {
        name: _SPELLINGS[name](given) if name in _SPELLINGS else given
        for name, given in made.pop("$defs", {}).items()
    }
    return {
        "$schema": DRAFT,
        **_tidy(made),
        **({"definitions": _tidy(definitions)} if definitions else {}),
    }


def text(kind: Kind) -> str:
    """Return the schema's file."""
    return json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    """Write all schemas into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in MODELS:
        (folder / f"{kind}.schema.json").write_text(text(kind), encoding="utf-8")


def _tidy(node: Any) -> Any:
    """Drop generated titles and defaults that no file spells so; close mappings by pattern."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _tidy(value) for key, value in node.items() if not _noise(key, value)}
    return kept | ({"additionalProperties": False} if "patternProperties" in node else {})


def _noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (
        key == "default" and (value is None or isinstance(value, dict))
    )


def _one(optional: dict[str, Any], /, **properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a mapping with exactly these keys, and perhaps some of the others."""
    return {
        "type": "object",
        "properties": {**properties, **optional},
        "required": list(properties),
        "additionalProperties": False,
    }


def _range(number: str, **limits: float) -> dict[str, Any]:
    """Return the schema of a number, or of the two ends of a range."""
    one = {"type": number, **limits}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 2, "maxItems": 2}]}


def _trigger(given: dict[str, Any]) -> dict[str, Any]:
    late = {"latest": {"anyOf": _facts({})}}
    return {
        "description": given["description"],
        "anyOf": [{"const": "start"}, *_facts(late)],
    }


def _facts(late: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the schemas of what a trigger waits for; `late`: what may stand beside each."""
    text = {"type": "string", "minLength": 1}
    either = {"anyOf": [text, {"type": "array", "items": text, "minItems": 1}]}
    delay = {"for": {"type": "number", "minimum": 0}}
    arguments = {"args": {"type": "array", "items": either}}
    path = {"type": "string", "pattern": r"^(/|\{\{)"}
    return [
        _one(late | delay, step=_range("integer", minimum=1)),
        _one(late, seconds=_range("number", minimum=0)),
        _one(late | arguments, exec=either),
        _one(late | arguments, after=either),
        _one(late | arguments | delay, during=either),
        *(_one(late, **{kind: path}) for kind in ("created", "written", "opened")),
        _one(late, connect={"type": "string", "pattern": r"^[^\s:]+:[0-9]{1,5}$"}),
        _one(late, holds=text),
    ]


def _schedule(given: dict[str, Any]) -> dict[str, Any]:
    positive = {"type": "number", "exclusiveMinimum": 0}
    return {
        "description": given["description"],
        "anyOf": [
            {"enum": ["until-healed", "permanent"]},
            _one({}, times=positive),
            _one({}, seconds=positive),
        ],
    }


_SPELLINGS = {"Trigger": _trigger, "Schedule": _schedule}
"""Values that YAML spells otherwise than the model keeps them."""

if __name__ == "__main__":
    main(Path(*sys.argv[1:]))
