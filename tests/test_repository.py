"""The pages about the project itself say what is so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness.containers import engine
from harness.containers.sidecars import file_transfer, namespaces

ROOT = Path(__file__).parent.parent
KINDS = ("added", "changed", "fixed", "removed", "security")
FRAGMENTS = [path for path in sorted((ROOT / "changes").iterdir()) if path.name != "README.md"]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_a_change_is_one_item_of_a_list(path: Path) -> None:
    """Changes can be joined as they are: a kind in the name and in the text, one item, one file."""
    kind = path.name.partition("-")[0]
    assert kind in KINDS
    first, *others = path.read_text(encoding="utf-8").splitlines()
    assert first.startswith(f"- **{kind.capitalize()}**: ")
    assert all(line.startswith("  ") for line in others)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param("sandbox, services", engine.CAPABILITIES, id="sandbox"),
        pytest.param("file transfer", file_transfer.CAPABILITIES, id="file transfer"),
        pytest.param("mounts", namespaces.MOUNTING, id="mounts"),
    ],
)
def test_the_rights_that_are_told_of_are_those_given(row: str, expected: Collection[str]) -> None:
    """SECURITY.md names each capability of a container, and no other."""
    (cells,) = re.findall(rf"^\| {row}.*\|$", text("SECURITY.md"), re.MULTILINE)[:1]
    assert set(expected) == set(re.findall(r"\b[A-Z]+_?[A-Z]+(?:_[A-Z]+)?\b", cells)) - {"CPU"}


@pytest.mark.parametrize("page", ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    """No link of a page is dead."""
    links = re.findall(r"\]\((?!http)([^)#]+)", text(page))
    assert links
    assert [] == [link for link in links if not (ROOT / link).exists()]


def test_the_licence_is_the_one_that_the_package_names() -> None:
    """LICENSE is the Apache License 2.0, and the package says that it has type hints."""
    assert "Apache License\n                           Version 2.0" in text("LICENSE")
    assert 'license = "Apache-2.0"' in text("pyproject.toml")
    assert (ROOT / "harness/py.typed").exists()


def locked() -> dict[str, str]:
    """Return name -> version of what `make demo` and `make test` install."""
    rows = re.findall(r"^([\w.-]+)==(\S+)", text("requirements.lock"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in rows}


def test_the_lock_holds_what_the_package_asks_for() -> None:
    """`make lock` was not forgotten: each requirement is there, in a version that it allows."""
    project = tomllib.loads(text("pyproject.toml"))["project"]
    wanted = map(Requirement, project["dependencies"] + project["optional-dependencies"]["dev"])
    assert [] == [
        str(one)
        for one in wanted
        if not one.specifier.contains(locked().get(canonicalize_name(one.name), "0"))
    ]


def test_each_locked_package_has_digests() -> None:
    """No package is taken without a digest, and none from a place of its own."""
    entries = re.split(r"^(?=\w)", text("requirements.lock"), flags=re.MULTILINE)[1:]
    assert set(locked()) == {canonicalize_name(entry.split("==")[0]) for entry in entries}
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text("requirements.lock")
