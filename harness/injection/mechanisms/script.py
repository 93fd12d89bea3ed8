"""A shell script as root breaks it; others look and heal.  Most faults need no more."""

from harness.injection import traces
from harness.injection.company import doer
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


TERMINAL = """terminal() {
  mkfifo -m 600 /run/keys || return
  setsid script -qc "$1" /dev/null <>/run/keys >/dev/null 2>&1 &
  printf %s "$2" >/run/keys; rm /run/keys
}
"""
"""For `inject`: `terminal COMMAND KEYS` runs a program as somebody does at another terminal.

It is a real program, typed at and never left; the keyboard's pipe stays open as long as it runs.
"""


def inject(target: InjectionTarget) -> Facts:
    """Run the fault's `inject`, which knows `terminal`."""
    script = target.fault.inject
    marks = traces.environment(doer(target.fault))
    base.must(target, script and marks + TERMINAL + script, "inject")
    return {}
