"""The container's own limits are lowered while it runs: memory, processes, processor time.

What follows is the kernel's: its out-of-memory killer, `fork: Resource temporarily unavailable`,
work that takes many times as long.  A limit of memory below what is in use may be refused.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, Site
from harness.models.nouns import Limits, Value


class Settings(Value):
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


available = base.available
need = base.need


def inject(site: Site) -> Facts:
    """Lower the limits."""
    site.box.limit(_wanted(site))
    return Settings.model_validate(site.fault.settings).model_dump(exclude_none=True)


def present(site: Site) -> bool | None:
    """Say whether the lowered limits are in force (unless the fault has a probe of its own)."""
    if site.fault.present is not None:
        return base.present(site)
    return site.box.limited() == _wanted(site)


def heal(site: Site, facts: Facts) -> None:  # noqa: ARG001 - all mechanisms are alike
    """Put the limits back to what the container began with."""
    site.box.limit(site.box.wish.limits)


def _wanted(site: Site) -> Limits:
    """Return all limits of the container, with those of the settings among them."""
    new = Settings.model_validate(site.fault.settings).model_dump(exclude_none=True)
    return site.box.wish.limits.model_copy(update=new)
