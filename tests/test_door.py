"""The door: every way in which a command can end has its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from harness import __main__ as door
from harness import __version__, cli, crash_report
from harness.agents.allowance import CutOff
from harness.errors import HarnessError, InputError, NothingSelected, SandboxError

KEY = "k3y-of-nobody-in-particular"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where reports appear."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def ending(raised: BaseException | None, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the exit code of a command that raises."""

    def command(*_: object, **__: object) -> int:
        if raised is not None:
            raise raised
        return 4

    monkeypatch.setattr(cli, "app", command)
    return door.main(["gate", "runs/x"])


@pytest.mark.parametrize(
    ("raised", "code", "reports"),
    [
        pytest.param(None, 4, 0, id="nothing: the command's own"),
        pytest.param(InputError("x"), 2, 0, id="input"),
        pytest.param(NothingSelected("x"), 5, 0, id="nothing selected"),
        pytest.param(HarnessError("x"), 3, 0, id="harness"),
        pytest.param(SandboxError("x"), 3, 0, id="sandbox"),
        pytest.param(KeyboardInterrupt(), 130, 0, id="interrupted"),
        pytest.param(KeyError("x"), 3, 1, id="a defect"),
        pytest.param(BrokenPipeError("the engine"), 3, 1, id="a pipe that is not our output"),
        pytest.param(SystemExit(1), 3, 1, id="somebody exits with a finding's code"),
        pytest.param(CutOff("x", word="timed out"), 3, 1, id="what no `except Exception` meets"),
        pytest.param(RecursionError("\ud800" * 9999), 3, 1, id="a long message, and odd letters"),
    ],
)
def test_every_end_has_its_code(
    raised: BaseException | None,
    code: int,
    reports: int,
    monkeypatch: pytest.MonkeyPatch,
    temporary: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What is expected has a message; what is not has 3 and a report that the message names."""
    assert ending(raised, monkeypatch) == code
    found = list(temporary.glob("harness-crash-*.txt"))
    assert len(found) == reports
    assert all(str(file) in capfd.readouterr().err for file in found)


def test_an_interrupt_reaches_the_door(temporary: Path) -> None:
    """The parser of the command line makes no exit of its own out of Ctrl-C."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    cli.app.command(interrupted, name="interrupted")
    try:
        assert door.main(["interrupted"]) == 130
    finally:
        del cli.app["interrupted"]
    assert [] == list(temporary.iterdir())


def test_a_report_says_what_is_needed_and_no_secret() -> None:
    """Versions, command line and frames are there; keys, wherever they stand, are not."""
    try:
        {}[KEY]
    except KeyError as error:
        text = crash_report.report(
            error, ["run", "-a", "x y"], {"SOME_API_KEY": KEY, "A_KEY": "un"}
        )
    assert text.startswith(f"harness {__version__}\n")
    assert "command: harness run -a 'x y'\n" in text
    assert "Traceback (most recent call last):" in text
    assert "test_door.py" in text
    assert text.endswith("KeyError: '[redacted]'\n")


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        pytest.param("--api-key=abcdefgh", "--api-key=[redacted]", id="an option"),
        pytest.param("https://me:abcdefgh@host/", "https://me:[redacted]@host/", id="an address"),
        pytest.param("-o", "-o", id="no secret"),
    ],
)
def test_the_command_line_is_redacted(word: str, shown: str) -> None:
    """Secrets of a known form are taken out of the words of the command."""
    assert f"command: harness {shown}\n" in crash_report.report(ValueError(), [word], {})


def test_a_report_is_its_owners_alone(temporary: Path) -> None:
    """Other users of the machine cannot read it."""
    path = Path(crash_report.write(ValueError("x"), []))
    assert path.parent == temporary
    assert path.stat().st_mode & 0o077 == 0


def test_without_room_the_report_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no file can be written, standard error has the whole report."""
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    crash_report.tell(ValueError("x"), [])
    assert "ValueError: x" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_pass() -> None:
    """`harness ... | head -0` ends as programs do that SIGPIPE kills: neither 0 nor a report."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "harness", "list", "faults"],
        stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
