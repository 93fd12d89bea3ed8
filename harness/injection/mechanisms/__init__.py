"""How faults are made to happen: one small module each, all of them in one table.

A mechanism is a module that has all of `base.Mechanism`; what most answer alike it borrows there
(`need = base.need`).  Type checking holds each row of the table against it.
"""

from harness.injection.mechanisms import (
    elf,
    exec_filter,
    limits,
    model,
    mount,
    net,
    noop,
    replace_files,
    replay,
    script,
    web,
)
from harness.injection.mechanisms.base import Mechanism, Needs
from harness.models.fault import Fault

TABLE: dict[str, Mechanism] = {
    "elf": elf,
    "exec_filter": exec_filter,
    "limits": limits,
    "model": model,
    "mount": mount,
    "net": net,
    "noop": noop,
    "replace_files": replace_files,
    "replay": replay,
    "script": script,
    "web": web,
}


def needs(fault: Fault) -> Needs:
    """Return what a fault cannot do without."""
    return TABLE[fault.mechanism].needs(fault)
