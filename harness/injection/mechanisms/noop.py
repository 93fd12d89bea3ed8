"""Nothing happens: the control.  Learn from this one how the others are made."""

from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, Site

Settings = base.Settings
available = base.available
need = base.need
heal = base.nothing


def inject(site: Site) -> Facts:  # noqa: ARG001 - all mechanisms are alike
    """Break nothing."""
    return {}


def present(site: Site) -> bool | None:  # noqa: ARG001
    """Nothing is in place."""
    return False
