"""`harness prove fault`: a fault strikes, heals and strikes again, whatever makes it happen."""

from __future__ import annotations

import pytest

from harness.__main__ import main


@pytest.mark.container
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("program_terminated", id="a rule of the command gate"),
        pytest.param("stray_folder", id="a script"),
    ],
)
def test_a_fault_proves_itself(fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mechanism finds what it needs when a fault proves itself."""
    assert main(["prove", "fault", fault, "-j", "2"]) == 0, capsys.readouterr().out
