"""A shell script as root breaks it; others look and heal.  Most faults need no more."""

from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget

Settings = base.Settings
available = base.available
present = base.present
need = base.need


def inject(target: InjectionTarget) -> Facts:
    """Run the fault's `inject`."""
    base.must(target, target.fault.inject, "inject")
    return {}


def heal(target: InjectionTarget, facts: Facts) -> None:  # noqa: ARG001
    """Run the fault's `heal`, where it has one."""
    if target.fault.heal is not None:
        base.must(target, target.fault.heal, "heal")
