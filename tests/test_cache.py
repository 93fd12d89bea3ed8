"""The cache folder and its locks."""

import threading
from pathlib import Path

import pytest

from harness import cache_folder


def test_the_folder_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies where this user's programs keep such things."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    assert cache_folder.folder() == tmp_path / "mine/recovery-harness"
    assert cache_folder.folder().is_dir()


def test_a_lock_keeps_others_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second to come says that it waits, and goes on when the first is done."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    order: list[str] = []
    waiting = threading.Event()

    def told(line: str) -> None:
        order.append(line)
        waiting.set()

    def second() -> None:
        with cache_folder.lock("work", told):
            order.append("second")

    with cache_folder.lock("work", order.append):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["waiting for another process to finish (work)", "first", "second"]


def test_two_locks_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work under another name goes on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said: list[str] = []
    with cache_folder.lock("one", said.append), cache_folder.lock("other", said.append):
        assert said == []
