"""Without the extras every verb can be asked for, save those that an extra is for."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = """
import importlib, sys
EXTRAS = {"anyio", "httpx", "mcp", "minisweagent", "starlette", "uvicorn"}
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in EXTRAS:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from harness.cli import COMMANDS
for verb, where in COMMANDS.items():
    importlib.import_module(where.partition(":")[0])
    print(verb)
"""


def test_no_verb_needs_an_extra_to_be_known() -> None:
    """An installation without extras knows all verbs: what is optional is imported when used."""
    command = [sys.executable, "-c", WITHOUT]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (0, "") == (found.returncode, found.stderr)
    assert {"run", "gate", "images", "view", "mcp"} <= set(found.stdout.split())
