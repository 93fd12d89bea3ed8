"""The writer of a run: a process on a host, told apart from a later one with the same number."""

from __future__ import annotations

import socket
from typing import TypedDict

import psutil

TOLERANCE = 2.0
"""Seconds by which two readings of one process's start time may differ."""


class Owner(TypedDict):
    """A process: host name, process id, start time (seconds since the epoch)."""

    host: str
    pid: int
    started: float


def myself() -> Owner:
    """Return the calling process."""
    process = psutil.Process()
    return {
        "host": socket.gethostname(),
        "pid": process.pid,
        "started": process.create_time(),
    }


def alive(owner: Owner) -> bool | None:
    """Say whether the process still runs; None where it ran on another host."""
    if owner["host"] != socket.gethostname():
        return None
    try:
        process = psutil.Process(owner["pid"])
        same = abs(process.create_time() - owner["started"]) < TOLERANCE
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
