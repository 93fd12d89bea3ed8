"""What a pair makes of its fault: the task's own trigger, schedule, resolution and playbooks."""

from __future__ import annotations

from harness.models.fault import Fault
from harness.models.task import Pair


def overridden(fault: Fault, pair: Pair) -> Fault:
    """Return the fault with what the pair says in its stead; places are not filled yet."""
    own = {key: getattr(pair, key) for key in ("when", "schedule", "resolution")}
    books = {key: getattr(pair, key) for key in ("fix", "workaround", "retry", "dodges")}
    return fault.model_copy(
        update={
            **{key: value for key, value in own.items() if value is not None},
            "playbooks": fault.playbooks.model_copy(
                update={key: value for key, value in books.items() if value is not None}
            ),
        }
    )
