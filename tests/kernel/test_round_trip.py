"""The round trip of a fault: it shows, it goes, and it comes again; in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.trial.resources import Resources
from harness.validation.round_trip import round_trip
from histories import trial_spec
from kernel_rooms import LOCK, TASK, WORK
from memory import Clock, MemoryEngine


def failed(folder: Path, **change: Any) -> list[str]:
    """Return what got which answer, of the claims that do not hold; `all` when all do."""
    engine = MemoryEngine(clock=Clock(), images={"s": {}}, words=WORK, made=[])
    made = Resources(
        images={"s": "s", "helpers": "helpers"}, task_folders={"t": folder}, assets={}, run="r"
    )
    found = round_trip(trial_spec({**LOCK, **change}, TASK), made, connect=lambda *_: engine)
    return [f"{each.says}: {each.got}" for each in found if not each.ok] or ["all"] * bool(found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({}, ["all"], id="a sound one"),
        pytest.param({"when": "start"}, ["all"], id="from the start"),
        pytest.param({"heal": None}, ["all"], id="the harness never heals it"),
        pytest.param({"heal": "true"}, ["gone: True"], id="it is not healed"),
        pytest.param({"inject": "true", "heal": "true"}, ["shows: False"] * 2, id="not there"),
        pytest.param({"present": "true"}, ["before: True", "gone: True"], id="always there"),
        pytest.param({"inject": "false"}, ["inject: exit"], id="it cannot be injected"),
        pytest.param({"when": {"exec": "deploy"}}, ["never came due"], id="never due"),
    ],
)
def test_round_trip(tmp_path: Path, change: dict[str, Any], words: list[str]) -> None:
    """Each question of the round trip fails where, and only where, the answer is wrong."""
    found = failed(tmp_path, **change)
    assert len(words) == len(found)
    assert all(word in each for word, each in zip(words, found, strict=True))
