"""A run's log: what the machinery did, and when, for people who look for a reason.

A JSON object a line, with `at` (UTC), `level` and `event`; where something was raised, `exception`
is the traceback without the values of variables, which may be secrets.  No verdict rests on it:
what decides is in the histories.
"""

from __future__ import annotations

import logging
from typing import Any, TextIO

import structlog

PROCESSORS: tuple[structlog.typing.Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(),
)


def open_log(file: TextIO, **facts: Any) -> structlog.typing.FilteringBoundLogger:
    """Return a logger that writes into a file, line by line; `facts` stand in each."""
    made: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=PROCESSORS,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        **facts,
    )
    return made
