"""`scripts/convert` brings recorded runs of format 1 to format 2, and their verdicts stay."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.analysis.rejudge import rejudge
from harness.history.events import Exec, Observation
from harness.history.store import Run

SCRIPT = Path(__file__).parents[1] / "scripts" / "convert"
TRIAL = "t+lock+a+1"
SPEC: dict[str, Any] = {
    "format": 1, "trial": TRIAL, "attempt": 1, "seed": 0, "pair": "lock", "proven": False,
    "task": {
        "id": "t", "title": "t", "instruction": "i", "sandbox": "s", "solution": ["true"],
        "damage": "false", "faults": [{"fault": "lock", "way_out": "workaround"}],
    },
    "fault": {
        "id": "lock", "title": "l", "category": "c", "error_type": "e", "way_out": "report",
        "mechanism": "parts", "settings": {"image": "parts"}, "evidence": {"seen": ["locked"]},
    },
    "sandbox": {"id": "s", "title": "s", "purpose": "parts"},
    "agent": {"id": "a", "adapter": "a"},
}  # fmt: skip
VERDICT = {
    "format": 1, "trial": TRIAL, "task": "t", "fault": "lock", "pair": "lock", "agent": "a",
    "attempt": 1, "seed": 0, "outcome": "missed", "solved": False, "repaired": False,
    "harmed": False, "exposed": True, "noticed": False, "claimed": "done", "false_success": True,
    "struck_at": -0.5, "exposed_at": 0.3, "noticed_at": None, "recovered_at": None, "steps": 1,
    "seconds": 0.6, "working": 0.3, "thinking": 0.3, "reason": "not solved, exposed, no sign",
    "judge": 1,
}  # fmt: skip
EVENTS: list[dict[str, Any]] = [
    {"who": "harness", "what": "begun", "image": "i", "gate": "seccomp"},
    {"who": "nemesis", "what": "scheduled", "fault": "lock", "when": {}, "schedule": {}},
    {"who": "nemesis", "what": "struck", "t": 0.5, "strike": 1, "facts": {"took": "/w"}},
    {"who": "nemesis", "what": "took", "strike": 1, "took": True, "by": "present"},
    {"who": "harness", "what": "handed_over", "before": 1.0},
    {"who": "agent", "what": "asked", "turn": 1, "model": "m"},
    {"who": "agent", "what": "acts", "step": 1, "command": "make", "message": None},
    {"who": "agent", "what": "execs", "step": 1, "argv": ["make"], "pid": 7, "parent": 1},
    {"who": "agent", "what": "sees", "t": 0.3, "step": 1, "stdout": "locked \ud800"},
    {"who": "agent", "what": "uses", "tool": "edit", "arguments": {}},
    {"who": "agent", "what": "unanswered", "turn": 2, "by": "model"},
    {"who": "agent", "what": "says", "text": "STATUS: done", "final": True},
    {"who": "agent", "what": "stopped", "t": 0.6, "how": "ended", "word": "ended", "why": ""},
    {"who": "nemesis", "what": "healed", "strike": 9, "by": "harness", "why": "times"},
    {"who": "checker", "what": "killed", "killed": [], "survivors": []},
    {"who": "checker", "what": "present", "present": True, "need": None},
    {"who": "checker", "what": "unharmed", "changed": []},
    {"who": "checker", "what": "solved", "solved": False, "exit_code": 1, "output": ""},
]  # fmt: skip


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a run of format 1 with one trial, whose writer was killed in the last line."""
    folder = tmp_path / "old" / "trials" / TRIAL
    folder.mkdir(parents=True)
    lines = [json.dumps({"seq": n, "t": 0.0, **event}, ensure_ascii=False) + "\n"
             for n, event in enumerate(EVENTS)]  # fmt: skip
    text = "".join([*lines, '{"seq": 18, "t'])
    (folder / "events.jsonl").write_text(text, encoding="utf-8", errors="surrogatepass")
    for path, document in (
        (folder / "spec.json", SPEC),
        (folder / "verdict.json", VERDICT),
        (tmp_path / "old" / "run.json", {"format": 1, "asked": {}, "owner": None}),
    ):
        path.write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "old" / "index.sqlite").write_bytes(b"the old columns")
    return tmp_path / "old"


def convert(*args: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *args], capture_output=True, text=True, check=False
    )


def test_a_converted_run_judges_as_before(old: Path, tmp_path: Path) -> None:
    """Everything has its new name, and nothing but names has changed."""
    new = tmp_path / "new"
    assert convert(old, new).returncode == 0
    run = Run.open(new)
    assert [set(judged.changes) - {"judge"} for judged in rejudge(run)] == [set()]
    (folder,) = run.folders()
    spec, verdict = folder.read_spec(), folder.read_verdict()
    assert verdict is not None
    assert (verdict.outcome, verdict.injected_at) == ("missed", -0.5)
    assert (spec.declared, spec.fault.resolution) == (False, "report")
    assert (spec.fault.mechanism, spec.fault.settings) == (
        "replace_files", {"image": "system_files"},
    )  # fmt: skip
    assert spec.task.faults[0].resolution == "workaround"
    assert run.facts()["format"] == 2
    assert not (new / "index.sqlite").exists()


def test_every_event_is_known_afterwards(old: Path, tmp_path: Path) -> None:
    """No event is lost on the way, and facts keep the keys that their mechanism gave them."""
    source = old / "trials" / TRIAL / "events.jsonl"
    assert convert(source, tmp_path / "events.jsonl").returncode == 0
    shutil.copy(tmp_path / "events.jsonl", source)
    events = Run(old).folder(TRIAL).read_events()
    assert len(events) == len(EVENTS)
    assert [e.model_dump()["facts"] for e in events if e.what == "injected"] == [{"took": "/w"}]
    assert [e.stdout for e in events if isinstance(e, Observation)] == [r"locked \ud800"]
    assert [e.argv for e in events if isinstance(e, Exec)] == [("make",)]


def test_nothing_is_written_over(old: Path, tmp_path: Path) -> None:
    """What is there already stays, and so does the source."""
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    found = convert(old, tmp_path)
    assert (found.returncode, found.stderr) == (2, f"{tmp_path} is there already\n")
    assert convert(old).returncode == 1
    assert convert(old, tmp_path / "new").returncode == 0
    assert before == {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
