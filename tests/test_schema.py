"""JSON Schemas: current, and of one mind with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.library.lint import read
from harness.library.schema import main, schema, text
from harness.library.shape import MODELS, Kind
from harness.library.yaml_positions import parse

ROOT = Path(__file__).parents[1]
KINDS = pytest.mark.parametrize("kind", list(MODELS))
FAULT: dict[str, Any] = {"title": "t", "category": "network", "error_type": "dns_failure"}
TASK: dict[str, Any] = {
    "title": "t", "instruction": "i", "sandbox": "s", "solution": ["x"], "damage": "x",
}  # fmt: skip


@KINDS
def test_the_committed_schemas_are_current(kind: Kind) -> None:
    """`python -m harness.library.schema docs/schema` was run after the models' last change."""
    committed = ROOT / "docs" / "schema" / f"{kind}.schema.json"
    assert committed.read_text(encoding="utf-8") == text(kind)


def test_main_writes_a_schema_for_each_kind(tmp_path: Path) -> None:
    """The schemas are files named after their kind."""
    main(tmp_path / "schema")
    names = {path.name for path in (tmp_path / "schema").iterdir()}
    assert names == {"task.schema.json", "fault.schema.json", "sandbox.schema.json"}


@KINDS
def test_the_schemas_are_schemas(kind: Kind) -> None:
    """Each is valid draft-07, which every editor's YAML support knows."""
    jsonschema.Draft7Validator.check_schema(schema(kind))
    assert schema(kind)["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        pytest.param("task", "tasks/*/task.yaml", id="tasks"),
        pytest.param("fault", "faults/*/*.yaml", id="faults"),
        pytest.param("sandbox", "sandboxes/*/sandbox.yaml", id="sandboxes"),
    ],
)
def test_the_library_fits_the_schemas(kind: Kind, pattern: str) -> None:
    """What the loader accepts, an editor does not underline."""
    validator = jsonschema.Draft7Validator(schema(kind))
    files = sorted(ROOT.glob(pattern))
    wrong = [
        f"{file}: {error.message}"
        for file in files
        for error in validator.iter_errors(parse(file.read_text(encoding="utf-8"), "").data)
    ]
    assert files
    assert wrong == []


@pytest.mark.parametrize(
    ("kind", "data", "fits"),
    [
        pytest.param("fault", {"when": "start"}, True, id="when: start"),
        pytest.param("fault", {"when": {"step": 3}}, True, id="a step"),
        pytest.param("fault", {"when": {"step": [2, 6]}}, True, id="a range of steps"),
        pytest.param("fault", {"when": {"step": 0}}, False, id="step 0"),
        pytest.param("fault", {"when": {"exec": "x"}}, True, id="exec"),
        pytest.param("fault", {"when": {"seconds": [0.5, 2]}}, True, id="a range of seconds"),
        pytest.param("fault", {"when": {"created": "x"}}, False, id="a relative file"),
        pytest.param("fault", {"when": {"during": "x", "for": 1}}, True, id="during"),
        pytest.param("fault", {"when": {"during": "x"}}, True, id="as soon as it runs"),
        pytest.param("fault", {"when": {"step": 1, "exec": "x"}}, False, id="two triggers"),
        pytest.param("fault", {"when": "strat"}, False, id="no trigger"),
        pytest.param("fault", {"schedule": "permanent"}, True, id="permanent"),
        pytest.param("fault", {"schedule": {"times": 2}}, True, id="times"),
        pytest.param("fault", {"schedule": {"times": 0}}, False, id="no times"),
        pytest.param("fault", {"schedule": {"hours": 1}}, False, id="no schedule"),
        pytest.param("fault", {"params": {"a": "b"}}, True, id="params"),
        pytest.param("fault", {"params": {"a": 1}}, False, id="a param that is no text"),
        pytest.param("fault", {"params": {"A b": "c"}}, False, id="a param that is no id"),
        pytest.param("fault", {"id": "x"}, False, id="an id of its own"),
        pytest.param("fault", {"colour": "x"}, False, id="an unknown key"),
        pytest.param("fault", {"repeat": -1}, False, id="out of bounds"),
        pytest.param("task", {"faults": [{"fault": "a", "as": "b"}]}, True, id="as"),
        pytest.param("task", {"faults": [{"fault": "a", "with": {"c": "d"}}]}, True, id="with"),
        pytest.param("task", {"faults": [{"fault": "a", "as_": "b"}]}, False, id="as_"),
        pytest.param("task", {"files": {"a": "/b"}}, True, id="files"),
        pytest.param("task", {"files": {"../a": "/b"}}, False, id="files from elsewhere"),
        pytest.param("task", {"solution": []}, False, id="no solution"),
    ],
)
def test_schema_and_loader_agree(kind: Kind, data: dict[str, Any], fits: bool) -> None:
    """The spellings of YAML files are accepted by both, and mistakes of shape by neither."""
    whole = {"fault": FAULT, "task": TASK}[kind] | data
    assert jsonschema.Draft7Validator(schema(kind)).is_valid(whole) == fits
    file = {"fault": "faults/network/x.yaml", "task": "tasks/x/task.yaml"}[kind]
    assert (read(json.dumps(whole), Path(file)).model is not None) == fits
