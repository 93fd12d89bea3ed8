"""`harness list`: every kind, as a table and as JSON."""

from __future__ import annotations

import json

import pytest

from harness.__main__ import main
from harness.commands.list import COLUMNS, ROWS, spell
from harness.library.load import load
from harness.models.trigger import Schedule, Trigger

KINDS = pytest.mark.parametrize("what", list(ROWS))


@KINDS
def test_json_is_an_array_of_objects_with_ids(
    capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """`--json` prints an array and nothing else; each object has an id of its own."""
    assert main(["list", what, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    ids = [row["id"] for row in rows]
    assert ids
    assert len(set(ids)) == len(ids)


@KINDS
def test_a_table_has_a_line_for_each(capsys: pytest.CaptureFixture[str], what: str) -> None:
    """Piped, the table is one line a row, uncut, under a line of headings."""
    assert main(["list", what]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    rows = ROWS[what]()
    assert head.split() == list(COLUMNS[what])
    assert [line.split()[0] for line in lines] == [row["id"] for row in rows]
    assert all(
        str(row["title"]) in line for row, line in zip(rows, lines, strict=True) if "title" in row
    )


def test_faults_say_what_a_script_needs_to_choose(capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault has its class, mechanism, trigger and resolution; the control is none."""
    assert main(["list", "faults", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    keys = {"id", "category", "error_type", "title", "mechanism", "when", "tier", "explicit"}
    assert all(keys | {"transient", "fixable"} <= row.keys() for row in rows)
    assert {row["id"] for row in rows} == load().faults.keys() - {"noop"}


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("start", id="start"),
        pytest.param({"step": [2, 6]}, id="a range of steps"),
        pytest.param({"exec": "make"}, id="exec"),
        pytest.param(
            {"during": ["make", "ninja"], "args": ["a", ["b", "c"]], "for": 0.5}, id="during"
        ),
    ],
)
def test_triggers_are_spelled_as_in_files(written: object) -> None:
    """What the list shows can be written into a file."""
    assert spell(Trigger.model_validate(written).model_dump()) == written


@pytest.mark.parametrize("written", ["permanent", {"times": 2}, {"seconds": 1.5}])
def test_schedules_are_spelled_as_in_files(written: object) -> None:
    """What the list shows can be written into a file."""
    assert spell(Schedule.model_validate(written).model_dump()) == written
