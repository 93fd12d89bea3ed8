"""Trials that language models played are judged as docs/plays.md says, where the accounts agree."""

from __future__ import annotations

import re
import tarfile
from functools import cache
from pathlib import Path

import pytest

from harness.agents.registry import find_agent
from harness.analysis.verdict import judge
from harness.history.reader import parse
from harness.library.library import Library
from harness.library.load import load
from harness.models.fault import NOOP
from harness.models.task import Pair
from harness.planning.plan import spec_of

ROOT = Path(__file__).parent
ROW = re.compile(r"^\| `([\w.-]+) \+ ([\w.-]+)` \| ([\w-]+) \| .* \| yes \|", re.MULTILINE)
TABLE = ROW.findall((ROOT.parent / "docs" / "plays.md").read_text(encoding="utf-8"))


@cache
def library() -> Library:
    """Return the library."""
    return load()


@cache
def histories() -> dict[str, list[str]]:
    """Return the lines of each history, by TASK+PAIR."""
    with tarfile.open(ROOT / "plays" / "second.tar.xz") as tar:
        found = [(member.name, tar.extractfile(member)) for member in tar]
        return {
            name.removesuffix(".jsonl"): stream.read().decode().split("\n")[:-1]
            for name, stream in found
            if stream is not None
        }


def test_the_table_has_all() -> None:
    """Each history stands in the table once, and each row has one."""
    assert sorted(f"{task}+{pair}" for task, pair, _ in TABLE) == sorted(histories())


@pytest.mark.parametrize(("task", "name", "outcome"), TABLE)
def test_a_play_is_judged_as_its_player_tells(task: str, name: str, outcome: str) -> None:
    """Today's rules, and today's words of the fault, give the outcome that the account tells."""
    found = library().tasks[task]
    known = {pair.name: pair for pair in found.faults} | {"control": Pair(fault=NOOP)}
    spec = spec_of(library(), found, known[name], find_agent("oracle"))
    assert judge(spec, parse(histories()[f"{task}+{name}"])).outcome == outcome
