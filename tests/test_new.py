"""What `harness new` writes works as it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness.agents.registry import find_agent
from harness.errors import InputError
from harness.library.load import load, own_root
from harness.library.scaffold import FILES, create


def test_a_new_task_fault_and_sandbox_lint_clean(tmp_path: Path) -> None:
    """The library takes them beside our own, without a finding."""
    for kind in ("task", "fault", "sandbox"):
        create(kind, "brand-new", tmp_path)
    library = load([own_root(), tmp_path])
    assert library.tasks["brand-new"].workdir == "/work/brand-new"
    assert library.faults["brand-new"].category == "filesystem"
    assert library.sandboxes["brand-new"].base == "sandbox:workbench"


def test_a_new_fault_stands_in_its_error_types_category(tmp_path: Path) -> None:
    """The folder is the category's."""
    paths = create("fault", "slow", tmp_path, "connection_timeout")
    assert [tmp_path / "faults/network/slow.yaml"] == paths
    with pytest.raises(InputError, match="no error type is called `nonsense`"):
        create("fault", "slow", tmp_path, "nonsense")


def test_a_new_agent_is_a_program_that_can_be_read(tmp_path: Path) -> None:
    """Its file is an agent, its program is Python."""
    description, program = create("agent", "mine", tmp_path)
    assert find_agent(str(description)).adapter == "program"
    ast.parse(program.read_text())


@pytest.mark.parametrize("kind", FILES)
def test_what_is_there_is_not_touched(kind: str, tmp_path: Path) -> None:
    """A second time is an error, and changes nothing."""
    first = create(kind, "mine", tmp_path)
    first[-1].write_text("my own")
    with pytest.raises(InputError, match="already there"):
        create(kind, "mine", tmp_path)
    assert first[-1].read_text() == "my own"
