"""A task's world moved into a scratch folder: for many replays in little time, without containers.

The task's own files, setup, solution and verifier, every absolute path of theirs led below the
folder.  It wants root (verifiers run what they test as nobody) and the tools that the tasks use.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.models.task import Task
from harness.shelltext.quoting import quote

PLACES = ("work", "srv", "tmp", "var/backups", "verify")
_ABSOLUTE = re.compile(rf"(?<![\w.}}])/(?={'|'.join(PLACES)})(?:\b)")
_FLEETING = re.compile(
    r"^declare \S+ (_|BASH\w*|LINENO|SECONDS|S?RANDOM|EPOCH\w+|PIPESTATUS|FUNCNAME|PPID)\b"
    r"[^\n]*\n",
    re.MULTILINE,
)
_LOOK = (
    "{ find %s -printf '%%p %%i %%m %%U %%G %%s %%T@ %%C@ %%l\\n'; declare -p; declare -f;"
    " umask; set -o; shopt; pwd; } 2>/dev/null"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of some commands: whether the task is solved and unharmed, and of each a state."""

    passed: bool
    states: tuple[str, ...]
    """Before the first command and after each, where they were asked for."""


class World:
    """One task in a folder; every play begins with the task as it is handed over."""

    def __init__(self, task: Task, folder: Path, root: Path) -> None:
        self._task, self._folder, self._root = task, folder, root
        root.chmod(0o711)
        self._pristine = root / "pristine"
        self._pristine.mkdir()
        self._furnish()
        for place in PLACES:
            if (root / place).exists():
                shutil.copytree(root / place, self._pristine / place, symlinks=True)
        self._protected = self._digests()

    def moved(self, text: str) -> str:
        """Return a text with its absolute paths led below the folder."""
        return _ABSOLUTE.sub(f"{self._root}/", text)

    def _furnish(self) -> None:
        for place in PLACES:
            (self._root / place).mkdir(parents=True)
        for here, there in self._task.files.items():
            target = Path(self.moved(str(there)))
            shutil.copytree(self._folder / here, target, dirs_exist_ok=True)
        for path in self._root.rglob("*.conf"):
            path.write_text(self.moved(path.read_text(encoding="utf-8")), encoding="utf-8")
        setup = self._task.setup or ":"
        setup = re.sub(r"^chown -R agent: .*$", "", setup, flags=re.MULTILINE)
        self._bash(self.moved(setup.replace("runuser -u agent -- ", "")), self._root)

    def play(self, commands: Sequence[str], *, look: bool = False) -> Played:
        """Play commands in one shell, from the start; then see whether the task is solved."""
        self._reset()
        places = quote([str(self._root / place) for place in PLACES])
        states = self._root / "states"
        states.unlink(missing_ok=True)
        seen = f"{_LOOK % places} > {states}.$((looks++))" if look else ":"
        lines = ["looks=0", seen]
        for command in commands:
            lines += [f"eval {quote([self.moved(command)])} </dev/null", seen]
        self._bash("\n".join(lines), Path(self.moved(str(self._task.workdir))))
        found = tuple(self._states(len(commands) + 1)) if look else ()
        harmed = self._digests() != self._protected
        return Played(passed=not harmed and self._solved(), states=found)

    def _states(self, count: int) -> list[str]:
        found = []
        for n in range(count):
            path = self._root / f"states.{n}"
            text = _FLEETING.sub("", path.read_text(encoding="utf-8", errors="replace"))
            text = re.sub(r"^declare -- looks=.*\n", "", text, flags=re.MULTILINE)
            found.append(hashlib.sha256(text.encode()).hexdigest())
            path.unlink()
        return found

    def _reset(self) -> None:
        for place in PLACES:
            shutil.rmtree(self._root / place, ignore_errors=True)
            if (self._pristine / place).exists():
                made = ["cp", "-a", str(self._pristine / place), str(self._root / place)]
                subprocess.run(made, check=True)

    def _digests(self) -> bytes:
        paths = quote([self.moved(path) for path in self._task.protect])
        script = (
            f"find {paths} -printf '%p %m %y\\n' -type f -exec sha256sum {{}} + | LC_ALL=C sort"
        )
        return self._bash(f"{script} 2>&1", self._root).stdout

    def _solved(self) -> bool:
        verify = self._root / "verify"
        shutil.copytree(self._folder / "verify", verify, dirs_exist_ok=True)
        script = (self._folder / self._task.verify).read_text(encoding="utf-8")
        return self._bash(self.moved(script), verify).returncode == 0

    def _bash(self, script: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
        env = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self._root),
            "LC_ALL": "C.UTF-8",
        }
        env["TMPDIR"] = str(self._root / "tmp")
        return subprocess.run(
            ["/bin/bash", "--noprofile", "--norc", "-s"], input=script.encode(), cwd=cwd, env=env,
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
