"""The README's examples are what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from harness.agents import TABLE
from harness.library.load import load
from harness.models.fault import Fault
from harness.models.verdict import Outcome

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_fault_in_ten_lines_lints(tmp_path: Path) -> None:
    """The example of a fault is a whole one."""
    text = next(block for block in blocks("yaml") if "inject:" in block)
    data = yaml.safe_load(text)
    folder = tmp_path / "faults" / data["category"]
    folder.mkdir(parents=True)
    (folder / "my_fault.yaml").write_text(text, encoding="utf-8")
    library = load([ROOT, tmp_path])
    assert isinstance(library.faults["my_fault"], Fault)
    assert len(text.splitlines()) <= 10


def test_every_outcome_is_explained() -> None:
    """The table of outcomes leaves none out."""
    assert all(f"`{outcome}`" in README for outcome in Outcome)


def test_the_adapters_it_names_exist() -> None:
    """No adapter is promised that is not there."""
    named = set(re.findall(r"adapter: ([a-z-]+)", README))
    assert named
    assert named <= set(TABLE)


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_two_commands_exist(target: str) -> None:
    """The Makefile has both."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\n{target}:" in makefile
    assert f"make {target}" in README


def test_every_link_leads_somewhere() -> None:
    """No link of the README's is dead."""
    links = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert [] == [link for link in links if not (ROOT / link).exists()]
