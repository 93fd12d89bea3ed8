"""`harness validate fault`: a fault is injected, healed and injected again, by every mechanism."""

from __future__ import annotations

import pytest

from harness.__main__ import main


@pytest.mark.container
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("program_terminated", id="a rule of the exec filter"),
        pytest.param("stray_folder", id="a script"),
    ],
)
def test_a_fault_makes_its_round_trip(fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mechanism finds what it needs for a fault's round trip."""
    assert main(["validate", "fault", fault, "-j", "2"]) == 0, capsys.readouterr().out
