"""Did a step change anything at all?  Everything of a sandbox that the next step could notice.

Files by name, mode, owner, size and times (a file that was written has another change time), the
processes, and the agent's shell: variables, functions, options, folder.  What two surveys have in
common is a state from which any agent can do no better and no worse.  What the sandbox's other
people change is left out.
"""

from __future__ import annotations

import hashlib
import re

from harness.agents.session import Session
from harness.containers.process_scripts import LISTING
from harness.containers.shell import Result
from harness.injection.company import PLACES
from harness.shelltext.quoting import text_of

_OTHERS = " -o ".join(f"-path {place}" for place in PLACES)
_FILES = (
    f"find / -xdev \\( {_OTHERS} \\) -prune"
    " -o -printf '%p %i %m %U %G %s %T@ %C@ %l\\0' 2>/dev/null | sha256sum"
)
_SHELL = "declare -p; declare -f; alias; umask; set -o; shopt; trap -p; pwd; dirs; ulimit -a"
_FLEETING = re.compile(
    r"^declare \S+ (_|BASH\w*|LINENO|SECONDS|S?RANDOM|EPOCH\w+|PIPESTATUS|FUNCNAME|HISTCMD|PPID)\b"
    r"[^\n]*\n",
    re.MULTILINE,
)


class Survey:
    """Compares the states after each step; the first is the one it begins with."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._own = _processes(session)
        self._last = self._state()

    def changed(self) -> bool:
        """Say whether anything is, or may be, other than at the last look.

        While a process of the agent's lives, what it holds in memory may have changed.
        """
        before, self._last = self._last, self._state()
        return self._last is None or self._last != before

    def _state(self) -> str | None:
        if _processes(self._session) != self._own:
            return None
        files, shell = self._session.peek(_FILES), self._session.replay(_SHELL)
        if not (_well(files) and _well(shell)):
            return None
        whole = text_of(shell.whole[0] if shell.whole else shell.stdout)
        state = files.stdout + _FLEETING.sub("", whole).encode("utf-8", "surrogateescape")
        return hashlib.sha256(state).hexdigest()[:16]


def _processes(session: Session) -> bytes:
    return b"\n".join(sorted(session.peek(LISTING, apart=False).stdout.splitlines()))


def _well(result: Result) -> bool:
    return result.exit_code == 0 and not result.timed_out
