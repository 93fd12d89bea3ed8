"""The report as one file: every trial is in it, and it stays small enough to send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.views.html.contract import FilePage
from harness.views.html.document import document
from harness.views.html.gather import Gathered
from harness.views.html.shortened import LIMITS, limit_for, shorten

LARGEST = 25_000_000
"""bytes; texts are shortened until the file is smaller, or no text can be shortened further"""

BUDGET = 60_000_000
"""characters of text before compression, which makes them a fifth and more often a tenth"""


def report(gathered: Gathered, *, largest: int = LARGEST, budget: int = BUDGET) -> str:
    """Return the report's HTML."""
    page = gathered.page()
    limit = limit_for((picture for _, picture in gathered.pictures()), budget)
    for chosen in LIMITS[LIMITS.index(limit) :]:
        limited: FilePage = {**page, "limit": chosen}
        text = document(limited, _short(gathered, chosen))
        if len(text) <= largest:
            break
    return text


def _short(gathered: Gathered, limit: int) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((trial, shorten(picture, limit)) for trial, picture in gathered.pictures())
