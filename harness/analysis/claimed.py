"""How the agent says that it ended: the STATUS line of its final message.  Pure."""

from __future__ import annotations

import re
from typing import Literal

from harness.history.timeline import Timeline

StatusClaim = Literal["done", "blocked", "nothing", "cut-off"]

_STATUS = re.compile(r"[\s*_`>#-]*STATUS[\s*_`]*:[\s*_`]*(done|blocked)\b", re.IGNORECASE)
_MARKUP = "*_` \t\r"


def read_claim(timeline: Timeline) -> StatusClaim | None:
    """Return the claim in the last line of the final message; None if the agent never stopped."""
    if timeline.stopped is None:
        return None
    if timeline.stopped.how == "cut-off":
        return "cut-off"
    lines = [line for line in timeline.final_message.split("\n") if line.strip(_MARKUP)]
    found = _STATUS.match(lines[-1]) if lines else None
    if found is None:
        return "nothing"
    return "done" if found[1].lower() == "done" else "blocked"
