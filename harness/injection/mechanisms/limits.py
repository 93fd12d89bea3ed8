"""The container's own limits are lowered while it runs: memory, processes, processor time.

What follows is the kernel's: its out-of-memory killer, `fork: Resource temporarily unavailable`,
work that takes many times as long.  A limit of memory below what is in use may be refused.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget
from harness.models.task import Limits
from harness.models.values import Frozen


class Settings(Frozen):
    """The new limits; what is not named stays as it is."""

    memory: int | None = Field(default=None, ge=6 << 20)
    """bytes"""
    pids: int | None = Field(default=None, ge=1)
    """processes and threads, the sandbox's own included"""
    cpus: float | None = Field(default=None, ge=0.01)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("give at least one of memory, pids and cpus")
        return self


COUNTS = False
HEALS = True
needs = base.needs_nothing
available = base.available
need = base.need
counted = base.counts_nothing
leave = base.nothing


def inject(target: InjectionTarget) -> Facts:
    """Lower the limits."""
    target.container.limit(_merge(target))
    return Settings.model_validate(target.fault.settings).model_dump(exclude_none=True)


def present(target: InjectionTarget) -> bool | None:
    """Say whether the lowered limits are in force (unless the fault has a probe of its own)."""
    if target.fault.present is not None:
        return base.present(target)
    return target.container.limits() == _merge(target)


def heal(target: InjectionTarget, facts: Facts) -> None:  # noqa: ARG001 - all mechanisms are alike
    """Put the limits back to what the container began with."""
    target.container.limit(target.container.spec.limits)


def _merge(target: InjectionTarget) -> Limits:
    """Return all limits of the container, with those of the settings among them."""
    new = Settings.model_validate(target.fault.settings).model_dump(exclude_none=True)
    return target.container.spec.limits.model_copy(update=new)
