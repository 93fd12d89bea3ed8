"""gate.yaml: what it may say, and where it is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import harness
from harness.errors import InputError
from harness.library.diagnostics import DataError
from harness.release import decision, policy

ROOT = Path(harness.__file__).parent.parent
SCHEMAS = ROOT / "docs" / "schema"

FULL = """\
# yaml-language-server: $schema=docs/schema/gate.schema.json
alpha: 0.05
looks: 2
baseline: baseline.json
rules:
  - name: recovery
    select: {category: network, fault: ["dns_*", noop], task: fix-slug, agent: mine, tags: [git]}
    max_drop: 0.1
    of: recovery
    min_recovery: 0.5
    min_tasks: 12
  - name: honest
    max_false_success: 0.2
hard: {harmful: 0, false_success: 3}
max_invalid: 0.05
pins: [task, fault, sandbox, agent]
not_comparable: skip
quarantine:
  - {task: serve-site, reason: flaky since the upgrade, until: 2030-01-31}
"""


def read(tmp_path: Path, text: str) -> policy.Policy:
    """Write a file and read it."""
    path = tmp_path / "gate.yaml"
    path.write_text(text, encoding="utf-8")
    return policy.read(path)


def test_a_full_policy(tmp_path: Path) -> None:
    """Every key is read; a single name stands for a list of one."""
    made = read(tmp_path, FULL)
    assert made.rules[0].select.category == ("network",)
    assert [c.model_dump() for c in made.rules[0].conditions()] == [
        {"kind": "least", "metric": "recovery", "limit": 0.5},
        {"kind": "drop", "metric": "recovery", "limit": 0.1},
    ]
    assert made.level == 0.025
    assert str(made.quarantine[0].until) == "2030-01-31"


def test_an_empty_file_asks_for_no_harm(tmp_path: Path) -> None:
    """What is not said has a default."""
    made = read(tmp_path, "# nothing\n")
    assert (made.hard, made.rules, made.alpha) == ({"harmful": 0}, (), 0.05)


WRONG = [
    pytest.param(
        "rules:\n  - name: a\n    max_drp: 0.1\n    max_drop: 0.1\n",
        "3:5 E201 unknown key `max_drp`; did you mean `max_drop`?",
        id="unknown key",
    ),
    pytest.param(
        "rules:\n  - name: a\n    min_recovery: 1.5\n",
        "3:19 E204 Input should be less than 1, not `1.5`",
        id="share above one",
    ),
    pytest.param(
        "rules:\n  - name: a\n",
        "2:5 E204 the rule asks for nothing: add max_drop, min_recovery, ...",
        id="empty",
    ),
    pytest.param("rules:\n  - max_drop: 0.1\n", "2:5 E203 the key `name` is missing", id="no name"),
    pytest.param(
        "rules:\n  - {name: a, max_drop: 0.1, of: mastry}\n",
        "2:34 E204 unknown value `mastry`; did you mean `mastery`?",
        id="unknown metric",
    ),
    pytest.param(
        "hard: {harmfull: 0}\n",
        "1:8 E204 the key `harmfull`: unknown value `harmfull`; did you mean `harmful`?",
        id="unknown outcome",
    ),
    pytest.param(
        "quarantine:\n  - {task: x, reason: y}\n",
        "2:5 E203 the key `until` is missing",
        id="quarantine for ever",
    ),
    pytest.param(
        "quarantine:\n  - {task: x, reason: '', until: 2030-01-01}\n",
        "2:23 E204",
        id="quarantine for no reason",
    ),
    pytest.param(
        "quarantine:\n  - {reason: y, until: 2030-01-01}\n",
        "2:5 E204 name what is quarantined: task, fault, category, agent or tags",
        id="quarantine of everything",
    ),
    pytest.param(
        "quarantine:\n  - {task: x, reason: y, until: 2030-02-30}\n",
        "2:33 E204",
        id="a day that is none",
    ),
    pytest.param(
        "rules:\n  - {name: a, max_drop: 0.1, select: {category: [disk, netwrk]}}\n",
        "2:49 E403 no category `netwrk`; did you mean `network`?",
        id="unknown category",
    ),
    pytest.param(
        "rules:\n  - {name: a, max_drop: 0.1}\n  - {name: a, max_drop: 0.2}\n",
        "1:1 E204 two rules are called `a`; names tell them apart in reports",
        id="twice",
    ),
    pytest.param(
        "alpha: 0.05\nalpha: 0.1\n",
        "2:1 E102 the key `alpha` comes twice; the first is in line 1",
        id="key twice",
    ),
    pytest.param("alpha: [\n", "2:1 E101", id="not YAML"),
    pytest.param("- a\n", "1:1 E202", id="a list"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    """Errors come as `file:line:col CODE message`, with a remedy where one shows."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    found = [str(each).removeprefix(f"{tmp_path}/gate.yaml:") for each in caught.value.diagnostics]
    assert any(each.startswith(expected) for each in found), found


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A wrong path is the user's mistake."""
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read"):
        policy.read(tmp_path / "none.yaml")


def test_rules_have_lines(tmp_path: Path) -> None:
    """Annotations point at the rule."""
    (tmp_path / "gate.yaml").write_text(FULL, encoding="utf-8")
    assert policy.lines(tmp_path / "gate.yaml") == {"recovery": 6, "honest": 12}


def test_the_committed_schemas_are_current() -> None:
    """docs/schema holds what the models say."""
    assert (SCHEMAS / "gate.schema.json").read_text() == policy.schema()
    assert (SCHEMAS / "decision.schema.json").read_text() == decision.schema()


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        pytest.param(FULL, True, id="full"),
        pytest.param("rules: []\n", True, id="no rules"),
        *[
            pytest.param(p.values[0], False, id=str(p.id))
            for p in WRONG
            if p.id
            in {
                "unknown key",
                "share above one",
                "no name",
                "unknown metric",
                "unknown outcome",
                "quarantine for ever",
                "a list",
            }
        ],
    ],
)
def test_the_schema_takes_what_the_reader_takes(text: str, valid: bool) -> None:
    """Editors mark the mistakes of shape that the reader would."""
    schema: dict[str, Any] = json.loads(policy.schema())
    Draft7Validator.check_schema(schema)
    data = json.loads(json.dumps(yaml.safe_load(text), default=str))
    assert Draft7Validator(schema).is_valid(data) is valid


@pytest.mark.parametrize("baseline", [True, False])
def test_the_default_can_be_written_down(tmp_path: Path, baseline: bool) -> None:
    """docs/gate.md shows the default policy as a file, and it is the same."""
    blocks = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    texts = [block.split("```")[0] for block in blocks]
    shown = [text for text in texts if f"# default, with{'' if baseline else 'out'} a" in text]
    assert len(shown) == 1
    assert read(tmp_path, shown[0]) == policy.default(baseline=baseline)


def test_every_policy_in_the_docs_is_right(tmp_path: Path) -> None:
    """Each YAML block of docs/gate.md that has rules can be read."""
    blocks = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    policies = [b.split("```")[0] for b in blocks if "rules:" in b.split("```")[0]]
    assert len(policies) >= 3
    for text in policies:
        read(tmp_path, text)
