"""Every event has a type, and every stored line fits the published schema."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.history.reader import KINDS, event_of, parse, read
from harness.history.schema import schema
from harness.history.writer import History
from histories import ONE_OF_EACH

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "schema" / "events.schema.json"
RECORDED = sorted(ROOT.glob("faults/*/*/events.jsonl"))
SCHEMA = jsonschema.Draft202012Validator(json.loads(COMMITTED.read_text(encoding="utf-8")))


def written() -> list[str]:
    """Return the lines that a writer makes of one event of every kind."""
    stream = io.StringIO()
    history = History(stream, iter(range(100)).__next__)
    for event in ONE_OF_EACH:
        history.add(event)
    history.hand_over()
    return stream.getvalue().split("\n")[:-1]


def wrong(lines: list[str]) -> list[str]:
    """Return what of the lines the schema does not allow."""
    return [error.message for line in lines for error in SCHEMA.iter_errors(json.loads(line))]


def test_the_committed_schema_is_current(tmp_path: Path) -> None:
    """`python -m harness.history.schema FILE` was run after the last change of a type."""
    made = tmp_path / "schema.json"
    subprocess.run([sys.executable, "-m", "harness.history.schema", str(made)], check=True)
    assert made.read_text(encoding="utf-8") == COMMITTED.read_text(encoding="utf-8") == schema()


def test_the_schema_has_every_kind() -> None:
    """It is a schema, and each kind is one of its alternatives, with all that says what it is."""
    SCHEMA.check_schema(SCHEMA.schema)
    kinds = SCHEMA.schema["$defs"]
    named = {
        (kinds[name]["properties"]["who"]["const"], kinds[name]["properties"]["what"]["const"])
        for name in (each["$ref"].rsplit("/", 1)[-1] for each in SCHEMA.schema["oneOf"])
    }
    assert named == set(KINDS)
    assert all({"seq", "t", "who", "what"} <= set(kind["required"]) for kind in kinds.values())


def test_one_of_each_is_all() -> None:
    """The examples of these tests leave no kind out."""
    assert [type(event) for event in ONE_OF_EACH] == list(KINDS.values())


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.parent.name)
def test_recorded_histories_fit(path: Path) -> None:
    """What is kept with the library is read line by line, and nothing of it is unknown."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    assert wrong(lines) == []
    assert len(read(path)) == len(lines) > 0


def test_what_is_written_fits_and_is_read_back() -> None:
    """Every kind is written whole, numbered and with its time, and read back as it was."""
    lines = written()
    assert wrong(lines) == []
    events = parse(lines)
    assert [event.seq for event in events] == list(range(len(ONE_OF_EACH) + 1))
    unplaced = [event.model_copy(update={"seq": -1, "t": 0.0}) for event in events[:-1]]
    assert unplaced == list(ONE_OF_EACH)


@pytest.mark.parametrize(
    ("data", "known"),
    [
        pytest.param(
            {"who": "agent", "what": "action", "step": 1, "command": "ls"}, True, id="all"
        ),
        pytest.param({"who": "harness", "what": "ended", "later": 1}, True, id="a field more"),
        pytest.param({"who": "agent", "what": "dreams"}, False, id="a kind of a later version"),
        pytest.param({"who": "agent", "what": "solved"}, False, id="another who"),
        pytest.param({"who": ["agent"], "what": {}}, False, id="a kind that is no text"),
        pytest.param({}, False, id="no kind"),
        pytest.param(["agent", "action"], False, id="no object"),
        pytest.param(None, False, id="null"),
    ],
)
def test_kinds_that_are_not_known_are_passed_over(data: Any, known: bool) -> None:
    """A later version may add kinds and fields; what is no event at all is none."""
    assert (event_of(data) is not None) is known


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"who": "agent", "what": "action", "step": 1}', id="a field is missing"),
        pytest.param('{"who": "verifier", "what": "solved", "solved": 1}', id="1 is not true"),
        pytest.param('{"who": "verifier", "what": "unharmed", "changed": null}', id="no list"),
        pytest.param('{"who": "agent", "what": "stopped", "how": "bored"}', id="no such word"),
        pytest.param('{"who": "harness", "what": "en', id="torn"),
    ],
)
def test_a_damaged_line_is_named(line: str) -> None:
    """What a known kind cannot be is an error that names the line."""
    good = '{"who": "harness", "what": "ended"}'
    with pytest.raises(ValueError, match=r"^line 3: "):
        parse([good, "", line, good])


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    """The line that a killed writer was at has no end."""
    lines = written()
    (tmp_path / "events.jsonl").write_text("\n".join([*lines, lines[0][:9]]), encoding="utf-8")
    assert read(tmp_path / "events.jsonl") == parse(lines)
