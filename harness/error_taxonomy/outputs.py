"""What a terminal printed, made ready for patterns: bounded, without escape sequences."""

from __future__ import annotations

import re
from collections.abc import Sequence

LIMIT = 1 << 16
"""bytes that are looked at: one half from the head, one from the tail"""

SHORT = 6
"""bytes; a shorter line may be in a command by chance"""

_SHELLS = (b"bash: ", b"sh: ", b"/bin/sh: ", b"/bin/bash: ", b"-bash: ", b"dash: ", b"zsh: ")
_WARNS = re.compile(rb"^\S*sh: (?:line \d+: )?warning: ")
_SPEAKS_AS = {
    b"zcat": (b"gzip",),
    b"git": (b"fatal", b"error", b"warning"),
    b"apt-cache": (b"E",),
    b"apt": (b"E",),
    b"rg": (b"error", b"regex parse error"),
}
_USAGE = (b"Usage", b"usage")
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,512}(?:\x07|\x1b\\)"
    r"|[()][0-9A-Z]|[=>])"
)
_RETURN = re.compile(r"\r(?=: )")
_OPTION = re.compile(rb"^[ \t]+-[-\w].*$|^[ ]{12,}[\w(\[{].*$", re.MULTILINE)
_OS_ERROR = re.compile(rb".*: .* \(os error \d+\)$")
_SOURCE = re.compile(
    rb"[<>] |[ \t]*(?:# (?! |A fatal|There is)|// |/\*|\"{3}|'{3}|:\w+[ :]|@\w|</?\w+>|<\w+ \w+="
    rb"|(?:raise|throw|except|def|class) \w|(?:from [\w.]+ )?import [\w.*]+(?: as \w+|, \w+)*$"
    rb"|[\w.\[\]]+ [-+:|]?= \S)"
)
_OPENS = (b";", b"{", b"(", b",", b"\\")
"""How a line of program text ends that goes on."""

_COMPLAINT = re.compile(
    rb"\W{0,6}(?:[\w./:-]+: )?(?:(?i:error|fatal|panic|critical|failed|failure)\b[^:]{0,40}:"
    rb"|(?i:error|fatal|critical)\] |E: |(?:npm )?ERR!|curl: \(|(?:[\w.]+[.:])?"
    rb"[A-Z]\w*(?:Error|Exception|Interrupt|Timeout|Exit)(?::|$| \[| \())"
)
_FRAME = re.compile(rb"^(?:E )?\s*File \"")
_CODE = re.compile(rb"^(?:E )? {4,}|^\s+[~^]+\s*$")


def clean(output: str) -> bytes:
    """Return the output as bytes without colours and cursor moves, at most LIMIT of them.

    A carriage return ends a line, as it does for the reader of a progress bar; the one that a
    script with DOS line ends leaves in front of a colon is shown as `^M`.
    """
    if len(output) > LIMIT:
        output = output[: LIMIT // 2] + "\n" + output[-(LIMIT // 2) :]
    output = plain(output)
    if "\r" in output:
        output = _RETURN.sub("^M", output.replace("\r\n", "\n")).replace("\r", "\n")
    return output.encode("utf-8", "replace")


def plain(output: str) -> str:
    r"""Return the output without colours, cursor moves and other orders to a terminal.

    >>> plain("\x1b[?2004l\x1b[31mfatal:\x1b[0m no")
    'fatal: no'
    """
    return _ESCAPE.sub("", output) if "\x1b" in output else output


def drop_quotes(text: bytes) -> bytes:
    """Leave out what is only quoted: a traceback's source lines, a usage text's options."""
    if b"Traceback (most recent" in text:
        text = drop_code(text)
    return drop_help(text) if b"sage:" in text else text


def drop_code(text: bytes) -> bytes:
    """Drop the source lines that a Python traceback quotes: they are not what was said."""
    kept, quoted = [], False
    for line in text.split(b"\n"):
        if not (quoted and _CODE.match(line)):
            kept.append(line)
            quoted = False
        quoted = quoted or bool(_FRAME.match(line))
    return b"\n".join(kept)


def drop_help(text: bytes) -> bytes:
    """Drop the descriptions of options that follow a usage line: they are no complaint."""
    return _OPTION.sub(b"", text)


def own_lines(text: bytes, programs: Sequence[bytes], *, failed: bool = False) -> bytes:
    """Keep what programs say themselves: lines that begin with their names.

    A shell's lines are kept where it speaks of one of them, or where the line failed for sure.
    """
    voices = [voice for program in programs for voice in _SPEAKS_AS.get(program, ())]
    starts = tuple(name + b": " for name in (*programs, *voices, *_USAGE))
    return b"\n".join(
        line
        for line in text.split(b"\n")
        if line.startswith(starts)
        or (line.startswith(_SHELLS) and (failed or _speaks(line, programs)))
        or (failed and _OS_ERROR.match(line))
    )


def _speaks(line: bytes, programs: Sequence[bytes]) -> bool:
    """Say whether a shell's line is about one of the programs, or a warning of its own."""
    return _WARNS.match(line) is not None or any(b" %b:" % name in line for name in programs)


def own_words(text: bytes, command: bytes) -> bytes:
    """Drop what is not a program's own: program text, and lines that stand in the command itself.

    A viewer shows program text, or a program prints a file; an echo was told what to print.
    """
    return b"\n".join(
        line
        for line in text.split(b"\n")
        if not (len(line) >= SHORT and line.strip() in command)
        and not line.rstrip(b" \t").endswith(_OPENS)
        and not _SOURCE.match(line)
    )


def complains(line: bytes, programs: Sequence[bytes]) -> bool:
    """Say whether a line calls itself an error, or is one of these programs' own."""
    starts = tuple(name + b": " for name in programs)
    return bool(_COMPLAINT.match(line)) or line.startswith((*starts, *_SHELLS))


def edges(text: bytes, count: int = 15) -> bytes:
    """Return the first and the last lines."""
    lines = text.split(b"\n")
    return text if len(lines) <= 2 * count else b"\n".join(lines[:count] + lines[-count:])


def line_at(text: bytes, offset: int) -> bytes:
    """Return the line around an offset."""
    start = text.rfind(b"\n", 0, offset) + 1
    end = text.find(b"\n", offset)
    return text[start : end if end >= 0 else len(text)]
