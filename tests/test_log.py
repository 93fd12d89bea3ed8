"""The log of a run."""

import io
import json
from pathlib import Path
from uuid import uuid4

from harness.history.log import open_log
from harness.history.store import Run


def test_a_line_a_fact() -> None:
    """Each line is an object that says when, how grave, and what."""
    file = io.StringIO()
    log = open_log(file, pid=7)
    log.info("begins", trial="a")
    log.debug("too small")
    log.bind(trial="b").warning("ends\nbadly", outcome="invalid")
    first, second = map(json.loads, file.getvalue().splitlines())
    assert first.pop("at") <= second.pop("at")
    assert first == {"level": "info", "event": "begins", "pid": 7, "trial": "a"}
    expected = {"level": "warning", "event": "ends\nbadly", "pid": 7, "trial": "b"}
    assert second == {**expected, "outcome": "invalid"}


def test_no_values_of_variables_in_a_traceback() -> None:
    """What was raised is told with its lines, not with what the variables held."""
    file = io.StringIO()
    secret = str(uuid4())

    def fail(value: str) -> None:
        raise ValueError(len(value))

    try:
        fail(secret)
    except ValueError:
        open_log(file).exception("a defect")
    (told,) = map(json.loads, file.getvalue().splitlines())
    assert f"ValueError: {len(secret)}" in told["exception"]
    assert secret not in file.getvalue()


def test_a_run_has_one_log(tmp_path: Path) -> None:
    """It goes on where the run is resumed; a reader makes none."""
    with Run.create(tmp_path / "run", {}) as run:
        run.log.info("once")
    assert Run.open(tmp_path / "run").finished() == {}
    with Run.resume(tmp_path / "run") as run:
        run.log.info("again")
    lines = (tmp_path / "run/log.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["once", "again"]


def test_a_reader_makes_no_log(tmp_path: Path) -> None:
    """Reading leaves a run as it is."""
    with Run.create(tmp_path / "run", {}):
        pass
    Run.open(tmp_path / "run").finished()
    assert not (tmp_path / "run/log.jsonl").exists()


def test_what_cannot_be_encoded_is_logged(tmp_path: Path) -> None:
    """No text of a hostile sandbox breaks the log."""
    with Run.create(tmp_path / "run", {}) as run:
        run.log.info("ends", reason="\udcff \x1b[31m \u202e")
    (line,) = (tmp_path / "run/log.jsonl").read_text().splitlines()
    assert json.loads(line)["reason"] == "\udcff \x1b[31m \u202e"
