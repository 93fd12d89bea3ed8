"""Compiled patterns in the cache folder."""

from pathlib import Path

import hyperscan
import pytest

from harness.error_taxonomy import database

MANY = [f"error {number}$" for number in range(database.FEW)]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "recovery-harness"


def found(sources: list[str], text: bytes) -> list[int]:
    """Return the patterns that a new database finds."""
    places: list[int] = []
    made = database.of(sources)
    room = hyperscan.Scratch(made)
    made.scan(text, lambda place, *_: places.append(place), scratch=room)
    return places


def test_many_patterns_are_compiled_once(kept: Path) -> None:
    """The next program loads what one has compiled."""
    assert found(MANY, b"error 7") == [7]
    (file,) = kept.glob("patterns-*")
    before = file.stat().st_mtime_ns
    assert found(MANY, b"error 7") == [7]
    assert [file.stat().st_mtime_ns] == [one.stat().st_mtime_ns for one in kept.iterdir()]
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", [b"", b"garbage", bytes(4096)])
def test_what_is_damaged_is_made_anew(kept: Path, damage: bytes) -> None:
    """A file that no database can be loaded from is replaced."""
    found(MANY, b"")
    (file,) = kept.glob("patterns-*")
    whole = file.read_bytes()
    for content in (damage, whole[: len(whole) // 2], whole[:-100] + bytes(100)):
        file.write_bytes(content)
        assert found(MANY, b"error 7") == [7]
        assert len(file.read_bytes()) == len(whole)


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the patterns are compiled each time."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert found(MANY, b"error 7") == [7]


def test_old_ones_go(kept: Path) -> None:
    """A few databases stay, whatever changes."""
    for number in range(database.KEPT + 2):
        found([*MANY, f"other {number}"], b"")
    assert len(list(kept.glob("patterns-*"))) == database.KEPT


def test_few_patterns_need_no_file(kept: Path) -> None:
    """They are compiled at once."""
    assert found(["a", "b"], b"b") == [1]
    assert not kept.exists()
