r"""The one dialect of every pattern that an author writes: RE2, where `^` and `$` mean lines.

RE2 takes time linear in the text, whatever the pattern; the texts are what an agent wrote.  It
knows no look-around and no back-references, and its `\w`, `\d`, `\s` and `\b` are ASCII.
The exec filter beside the sandbox is built with RE2 as well (`match.cc`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False

_AMBIGUOUS = re.compile(r"(?<!\\)(?:\{(?:,\d+|\d{5,}(?:,\d*)?|\d+,\d{5,})\}|\(\?<\w)")
"""What RE2 takes as plain text though it looks like a repeat, and what only newer ones take."""

REMEDIES = (
    (r"\(\?<?=", "there is no look-around; match what stands there too, or use two patterns"),
    (r"\(\?<?!", "there is no look-around; use a class such as [^x], or two patterns"),
    (r"\\\d|\(\?P\Z|\(\?\(", "there are no back-references; write the alternatives out"),
    (r"\(\?>|[*+?}]\+", "nothing is possessive, since RE2 never goes back; leave it out"),
    (r"\\Z", r"the end of the text is \z"),
    (r"\\[uUN]", r"a character by its number is \x{...}"),
    (r"\(\?<\w", "a named group is (?P<name>...)"),
    (r"\(\?#", "there are no comments; write them in YAML"),
    (r"\(\?-?[aLux]", "the flags are i, m, s and U"),
    (r"\{,", r"write {0,N}, or \{ for a brace"),
    (r"\{", "a repeat is {N}, {N,} or {N,M} with numbers up to 1000"),
)
"""(what RE2 refuses, what to write instead)"""


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """Return RE2's own object, which searches bytes; a `ValueError` says why there is none."""
    doubtful = _AMBIGUOUS.search(pattern)
    if doubtful is not None:
        raise ValueError(_add_remedy(f"ambiguous: {doubtful[0]}"))
    try:
        return re2.compile(b"(?m)" + encode(pattern), _OPTIONS)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace").replace(": (?m)", ": ", 1)
        raise ValueError(_add_remedy(reason)) from None


def _add_remedy(reason: str) -> str:
    """RE2 ends its reason with a colon and the text that it stumbled over."""
    _, _, construct = reason.partition(": ")
    found = (remedy for form, remedy in REMEDIES if re.match(form, construct))
    return "; ".join([reason, *list(found)[:1]])


def check(pattern: str) -> str:
    """Return the pattern itself if it compiles, else raise `ValueError`; for pydantic."""
    compile_pattern(pattern)
    return pattern


def matches(pattern: str, text: str) -> bool:
    r"""Say whether a pattern is found in a text.

    >>> matches(r"^b\b", "a\nb c"), matches(r"^b\z", "a\nb c")
    (True, False)
    """
    return compile_pattern(pattern).search(encode(text)) is not None


def any_matches(patterns: Sequence[str], *texts: str) -> bool:
    """Say whether any pattern is found in any text; nothing is found in an empty one."""
    full = [encode(text) for text in texts if text]
    return any(
        compile_pattern(pattern).search(text) is not None for text in full for pattern in patterns
    )


def first_group(pattern: str, text: str) -> str | None:
    """Return what the pattern's first group holds; None where the pattern is not found."""
    found = compile_pattern(pattern).search(encode(text))
    return None if found is None or found[1] is None else _decode(found[1])


def first_line(patterns: Sequence[str], output: str) -> tuple[str | None, str | None]:
    """Return the first line on which one of the patterns matches, and that pattern."""
    text = encode(output)
    matched = [(m.start(), m.end(), p) for p in patterns if (m := compile_pattern(p).search(text))]
    if not matched:
        return None, None
    start, end, pattern = min(matched)
    begin = text.rfind(b"\n", 0, start) + 1
    stop = text.find(b"\n", max(end - 1, start))
    lines = _decode(text[begin : stop if stop >= 0 else len(text)]).strip("\n").split("\n")
    return next((line for line in lines if line.strip()), ""), pattern


def escape(text: str) -> str:
    r"""Return a pattern that matches the text itself and nothing else.

    >>> escape("a.b-c")
    'a\\.b\\-c'
    """
    return re.escape(text)  # RE2 reads it alike, and its own would escape every slash


def encode(text: str) -> bytes:
    """Return a text as RE2 reads it; a lone surrogate stays one character, which `.` matches."""
    return text.encode("utf-8", "surrogatepass")


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")
