"""`harness mcp` with a real client: the sandbox as tools, one trial, its verdict."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters, stdio_client

from harness.history.events import Observation
from harness.history.store import Run
from harness.models.verdict import Outcome


async def conversation(arguments: list[str], calls: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """Call the tools in order, after a look at what there is; return what they answered."""
    wanted = StdioServerParameters(command=sys.executable, args=["-m", "harness", *arguments])
    async with stdio_client(wanted) as streams, ClientSession(*streams) as client:
        begun = await client.initialize()
        assert "STATUS: done" in (begun.instructions or "")
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert {"bash", "read", "write", "status"} == tools
        answers = [await client.call_tool(name, values) for name, values in calls]
        return ["".join(getattr(part, "text", "") for part in each.content) for each in answers]


@pytest.mark.container
def test_a_client_plays_a_trial(tmp_path: Path) -> None:
    """It reads, writes, runs and ends: every call is a step, and there is a verdict."""
    run = tmp_path / "run"
    calls = [
        ("write", {"path": "/tmp/it's", "content": "a 'b'\n%s"}),
        ("read", {"path": "/tmp/it's"}),
        ("bash", {"command": "git commit --allow-empty -m x"}),
        ("status", {"text": "A stale index.lock is in the way.\n\nSTATUS: blocked - lock"}),
    ]
    arguments = ["mcp", "-t", "fix-slug", "-f", "lock_at_the_start", "-o", str(run)]
    answers = asyncio.run(conversation(arguments, calls))
    assert answers[1].startswith("a 'b'\n%s")
    assert "index.lock" in answers[2]
    assert "(exit code 128)" in answers[2]
    with Run.open(run) as stored:
        (folder,) = stored.folders()
    verdict = folder.read_verdict()
    assert verdict is not None
    assert (Outcome.DETECTED, "blocked", 3) == (verdict.outcome, verdict.claimed, verdict.steps)
    assert 3 == sum(isinstance(event, Observation) for event in folder.read_events())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["-t", "no-such-task"], "no task is called", id="task"),
        pytest.param(["-t", "fix-slug", "-f", "no-such"], "no fault is called", id="fault"),
    ],
)
def test_names_that_nothing_has(arguments: list[str], words: str) -> None:
    """Exit code 2, and where to look; nothing on standard output."""
    ended = subprocess.run(
        [sys.executable, "-m", "harness", "mcp", *arguments], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (2, "") == (ended.returncode, ended.stdout)
    assert words in ended.stderr
