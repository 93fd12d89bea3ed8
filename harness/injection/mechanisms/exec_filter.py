"""The exec filter fails or kills a program's n-th execution, or fails one of its calls, for real.

The error is the kernel's own: the program gets the errno from its system call, or dies by the
signal as it begins.  Nothing on disk changes, so only trying again, or another way, helps.
"""

from __future__ import annotations

import errno
import signal
from typing import Self, get_args

from pydantic import model_validator

from harness.containers.sidecars.exec_filter import Kind
from harness.errors import SandboxError
from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget, Needs
from harness.models.fault import Fault
from harness.models.values import CheckedRegex, Frozen


class Settings(Frozen):
    """Which calls, and what happens to them.  Exactly one of `errno` and `signal`."""

    kind: Kind = "exec"
    pattern: CheckedRegex
    """Searched in the words joined by blanks; in `address:port`; in the path."""
    errno: str | None = None
    """A name as in errno(3): ECONNREFUSED, ENOSPC, ..."""
    signal: str | None = None
    """A name as in signal(7): SIGSEGV, SIGKILL, ..."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.errno is None) == (self.signal is None):
            raise ValueError("give exactly one of errno and signal")
        if self.number == 0:
            raise ValueError(f"unknown name {self.errno or self.signal}")
        return self

    @property
    def number(self) -> int:
        """The errno or signal as a number; 0 if there is none of that name."""
        if self.errno is not None:
            return int(getattr(errno, self.errno, 0))
        return int(getattr(signal.Signals, self.signal or "", 0))


def needs(fault: Fault) -> Needs:
    """Need a filter that watches the kind of call that is to fail."""
    named = fault.settings.get("kind")
    return Needs(exec_filter=tuple(kind for kind in get_args(Kind) if kind == named))


def available(target: InjectionTarget) -> str | None:
    """Say whether the exec filter is in force."""
    return (
        None
        if target.exec_filter is not None
        else "it needs the exec filter, which is not in force"
    )


def inject(target: InjectionTarget) -> Facts:
    """Put a rule in force; the exec filter counts what it does."""
    settings = Settings.model_validate(target.fault.settings)
    if target.exec_filter is None:
        raise SandboxError(f"{target.fault.id} needs the exec filter")
    schedule = target.fault.schedule
    rule = target.exec_filter.rule(
        settings.pattern,
        "fail" if settings.errno else "kill",
        kind=settings.kind,
        value=settings.number,
        times=int(schedule.value or 0) if schedule.kind == "times" else 0,
    )
    target.exec_filter.armed.add(rule)
    return {"rule": rule, "number": settings.number}


def present(target: InjectionTarget) -> bool | None:
    """Say whether the rule is in force: asked of the filter, so that no look uses it up."""
    return bool(target.exec_filter.armed) if target.exec_filter is not None else None


COUNTS = True
HEALS = True
need = base.need
counted = base.counts_nothing
leave = base.nothing


def heal(target: InjectionTarget, facts: Facts) -> None:
    """Take the rule back."""
    if target.exec_filter is not None:
        target.exec_filter.drop(facts["rule"])
        target.exec_filter.armed.discard(facts["rule"])
