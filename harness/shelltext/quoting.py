"""Words for a shell, and text from the bytes that one prints."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def quote(paths: Sequence[str]) -> str:
    """Return paths as one line of shell words."""
    return " ".join(shlex.quote(path) for path in paths)


def text_of(data: bytes) -> str:
    r"""Return bytes as text; what is no UTF-8 shows as `\xNN`."""
    return data.decode(errors="backslashreplace")
