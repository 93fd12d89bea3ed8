"""A shell script as root breaks it; others look and heal.  Most faults need no more."""

from harness.injection.mechanisms import base
from harness.injection.mechanisms.base import Facts, InjectionTarget, Needs
from harness.models.fault import Fault

Settings = base.Settings
COUNTS = False
HEALS = False
available = base.available
present = base.present
need = base.need
counted = base.counts_nothing
heal = base.heal_by_script
leave = base.nothing


def needs(fault: Fault) -> Needs:
    """Need the scripts that break it, look, and, where the harness heals it, heal."""
    heal = ("heal",) if fault.schedule.transient else ()
    return Needs(scripts=("inject", "present", *heal))


def inject(target: InjectionTarget) -> Facts:
    """Run the fault's `inject`."""
    base.must(target, target.fault.inject, "inject")
    return {}
