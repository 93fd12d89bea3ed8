"""What is typed into a shell for one command, and how its end is read.  Pure text.

A command is given to `eval`, and its standard input is empty, so that neither a syntax error nor a
program that reads can swallow what follows.  Each end is told by a mark: a
newline and a random token, written by builtins to copies of the two output pipes (198 and 199).

One thing no typing can prevent: bash 5.2 itself may crash over a `$(` or `<(` that nothing
closes.  Then the shell is gone, which is told like any other end of it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from harness.shelltext.parse import parse

GREETING = "exec 198>&1 199>&2\nprintf '\\n%s %s\\n' {token} $$ >&198\n"
"""What opens a shell: the copies of its output pipes, and its process id after the token."""

CLOSE = "exec 198>&- 199>&-"
"""What a subshell says first whose programs shall not hold the copies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a shell says when a command is over."""

    exit_code: int
    pipestatus: tuple[int, ...] | None
    """None where the command's text could not be followed by the question for it."""
    tracing: str = ""
    """`x`, `v` or both, when the command left `set -x` or `set -v` on."""
    moment: float | None = None
    """When: seconds since the epoch by the sandbox's clock."""
    job: int = 0
    """Process id of the last background job, 0 for none."""
    size: int = 0
    """Bytes that the ending takes; what follows belongs to background jobs."""


START = Ending(exit_code=0, pipestatus=None)
"""The state of a shell before its first command."""


def mark(token: str) -> bytes:
    """Return what ends a command's output."""
    return f"\n{token}".encode()


def render_command(command: str, token: str, before: Ending = START) -> bytes:
    """Return what is typed into the shell for one command; `before` ended the one before it.

    `$?` is put back first, so that `echo $?` means what it says.  NUL bytes are left out, as no
    shell can take them.
    """
    text = command.replace("\0", "")
    if before.tracing:
        text = f"set -{before.tracing}\n{text}"
    if parse(text).complete:
        text += f"\n\n{_PIPESTATUS % token}"
    code = before.exit_code
    again = {0: ":", 1: "false && :"}.get(code, f"(exit {code}) && :")
    typed_text = f"{again}\nbuiltin eval {shlex.quote(text)} </dev/null\n"
    reset = _RESET if code == SYNTAX_ERROR else ""
    return _encode(reset + typed_text + _ENDING % (token, token))


SYNTAX_ERROR = 2
"""What `eval` returns when it cannot read its text."""

# After a syntax error bash may go on reading as if within a `case`: reserved words are none then.
# So none is used here, and a bracket that closes such a pattern brings it back.  %b makes the
# newlines, so that a trace of these lines cannot be taken for the mark.
_RESET = "builtin eval ')' 2>/dev/null || :\n"
_PIPESTATUS = "builtin printf '%%b ' '\\n%sp' \"$?\" \"${PIPESTATUS[@]}\" '\\n' >&198"
_ENDING = (
    'builtin printf \'%%b \' \'\\n%se\' "$?" "$-" "$EPOCHREALTIME" "${!-0}" \'\\n\' >&198\n'
    "builtin eval \"set +xv; builtin printf '%%b' '\\n%s' >&199\" 2>/dev/null\n"
)


def _encode(text: str) -> bytes:
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace")


def read_ending(after: bytes, token: str) -> Ending | None:
    """Read what followed the first mark on standard output; None while it is not whole."""
    second = b"\n" + token.encode()
    begins = (0, after.find(second) + len(second)) if second in after else (0,)
    found = next(filter(None, (_END.match(after, begin) for begin in begins)), None)
    if found is None:
        return None
    code, flags, seconds, fraction, job = found.groups()
    pipes = re.match(rb"p (\d+) ([\d ]+) \n ", after)
    return Ending(
        exit_code=int(pipes[1]) if pipes else int(code),
        pipestatus=tuple(map(int, pipes[2].split())) if pipes else None,
        tracing="".join(flag for flag in "xv" if flag.encode() in flags),
        moment=float(b"%s.%s" % (seconds, fraction)) if seconds else None,
        job=int(job or 0),
        size=found.end(),
    )


_END = re.compile(rb"e (\d+) (\S*) (?:(\d+)[.,](\d+))? ?(\d*) \n ")
"""What an ending says, from its mark on: none is compiled anew for a token."""


def scrub(stderr: bytes, token: str) -> bytes:
    """Return standard error without the lines that show the protocol.

    A syntax error quotes the line after an unfinished command; `set -v` shows what it reads.
    """
    if token.encode() not in stderr:
        return stderr
    lines = stderr.splitlines(keepends=True)
    return b"".join(line for line in lines if token.encode() not in line)
