"""The pytest plug-in: inert unless used, clear when misused, real when used."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "import pytest\n"


def run(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a file as a team would, with the installed plug-in and nothing of ours."""
    (folder / "test_it.py").write_text(HEAD + text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_it_is_inert(tmp_path: Path) -> None:
    """Without the mark nothing of the harness is imported beyond the plug-in."""
    found = run(
        tmp_path,
        "import sys\n"
        "def test_it():\n"
        "    names = {n for n in sys.modules if n.split('.')[0] in ('harness', 'docker', 'rich')}\n"
        "    assert names == {'harness', 'harness.pytest_plugin'}\n",
        "--strict-markers",
        "-W",
        "error",
    )
    assert found.returncode == 0, found.stdout


def test_the_mark_is_known(tmp_path: Path) -> None:
    """`pytest --markers` explains it, and strict markers take it."""
    found = run(tmp_path, "", "--markers")
    assert "@pytest.mark.recovery(task, fault, agent='oracle', attempts=1, seed=0)" in found.stdout
    found = run(
        tmp_path,
        "@pytest.mark.recovery(task='x', fault='y')\ndef test_it(): pass\n",
        "--strict-markers",
    )
    assert found.returncode == 0


MISUSES = {
    "": "mark it with recovery(task, fault",
    "@pytest.mark.recovery()": "missing 2 required",
    "@pytest.mark.recovery(task='a', fault='b', tries=2)": "unexpected keyword argument 'tries'",
    "@pytest.mark.recovery(task='fix-slg', fault='noop')": "did you mean `fix-slug`?",
    "@pytest.mark.recovery(task='fix-slug', fault='noop', agent='nobody')": (
        "no agent is called `nobody`"
    ),
    "@pytest.mark.recovery(task='fix-slug', fault='noop', attempts=0)": "must be at least 1",
}
"""Mark -> what is said about it."""


def test_misuse_is_an_error(tmp_path: Path) -> None:
    """A mark that cannot be played is an error with its remedy, before any container starts."""
    tests = [f"{mark}\ndef test_{i}(recovery): pass\n" for i, mark in enumerate(MISUSES)]
    found = run(tmp_path, "\n".join(tests))
    assert found.returncode == 1
    for message in MISUSES.values():
        assert message in found.stdout
    assert f"{len(MISUSES)} errors" in found.stdout


@pytest.mark.container
def test_trials_are_played(tmp_path: Path) -> None:
    """The oracle masters what the naive agent misses; the runs are kept where one wants them."""
    found = run(
        tmp_path,
        """
PAIR = {"task": "fix-slug", "fault": "lock_on_the_way"}

@pytest.mark.recovery(**PAIR)
def test_oracle(recovery):
    assert recovery.outcomes == ["recovered"]
    assert [control.outcome for control in recovery.controls] == ["passed"]
    assert recovery.share("recovery") == recovery.share("passing") == recovery.share() == 1
    assert recovery.share("reporting") is None
    assert not recovery.named("harmful")
    assert (recovery.run / "run.json").is_file()

@pytest.mark.recovery(**PAIR, agent="naive")
def test_naive(recovery):
    assert recovery.share("recovery") == 1
""",
        "--recovery-runs",
        "kept",
    )
    assert found.returncode == 1, found.stdout
    assert "1 failed, 1 passed" in found.stdout
    assert (tmp_path / "kept" / "test_it.py__test_naive" / "run.json").is_file()
