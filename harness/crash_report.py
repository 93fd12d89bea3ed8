"""What an unexpected exception leaves behind: a text file to paste, and nothing secret in it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from harness import __version__
from harness.datasets.redact import MARK, redact

SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS", re.IGNORECASE)
"""Variables of the environment whose values must not leave the machine."""

SHORTEST = 6
"""Characters: a value below that is a word that stands elsewhere, too."""

WIDEST = 2000
"""Characters of a line that are kept: a message may hold a whole file."""


def write(error: BaseException, argv: Sequence[str]) -> str:
    """Write the report to the folder for temporary files, for its owner alone; return its path."""
    text = report(error, argv, os.environ)
    began = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="backslashreplace",
        prefix=f"harness-crash-{began}-", suffix=".txt", delete=False,
    ) as file:  # fmt: skip
        file.write(text)
    return file.name


def report(error: BaseException, argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return versions, the command line and the traceback (no variables), without secrets."""
    lines = [
        f"harness {__version__}",
        f"{platform.python_implementation()} {platform.python_version()}",
        platform.platform(),
        f"command: harness {shlex.join(argv)}",
        "",
        *"".join(traceback.format_exception(error)).splitlines(),
    ]
    text = "\n".join(line[:WIDEST] for line in lines) + "\n"
    return redact(_without_values(text, environ))


def _without_values(text: str, environ: Mapping[str, str]) -> str:
    values = {v for name, v in environ.items() if SECRET.search(name) and len(v) >= SHORTEST}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, MARK)
    return text


def tell(error: BaseException, argv: Sequence[str]) -> None:
    """Say on standard error what happened and where the report lies."""
    what = f"harness: unexpected {type(error).__name__}: this is a defect of the harness itself"
    try:
        where = f"the report to paste is {write(error, argv)}"
    except OSError as trouble:  # a full disk may be the very cause
        where = f"no report could be written ({trouble}):\n{report(error, argv, os.environ)}"
    print(f"{what}; {where}", file=sys.stderr)
