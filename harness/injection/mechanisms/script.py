"""A shell script as root breaks it; others look and heal.  Most faults need no more."""

from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, Site

Settings = base.Settings
available = base.available
present = base.present
need = base.need


def inject(site: Site) -> Facts:
    """Run the fault's `inject`."""
    base.must(site, site.fault.inject, "inject")
    return {}


def heal(site: Site, facts: Facts) -> None:  # noqa: ARG001
    """Run the fault's `heal`, where it has one."""
    if site.fault.heal is not None:
        base.must(site, site.fault.heal, "heal")
