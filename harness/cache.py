"""Our folder for what can be made anew."""

from __future__ import annotations

import os
from pathlib import Path


def cache() -> Path:
    """Return our cache folder, made if need be."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "recovery-harness"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
