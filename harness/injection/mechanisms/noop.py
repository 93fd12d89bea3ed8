"""Nothing happens: the control.  Learn from this one how the others are made."""

from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget

Settings = base.Settings
COUNTS = False
HEALS = True
needs = base.needs_nothing
available = base.available
need = base.need
counted = base.counts_nothing
leave = base.nothing
heal = base.heal_nothing


def inject(target: InjectionTarget) -> Facts:  # noqa: ARG001 - all mechanisms are alike
    """Break nothing."""
    return {}


def present(target: InjectionTarget) -> bool | None:  # noqa: ARG001
    """Nothing is in place."""
    return False
