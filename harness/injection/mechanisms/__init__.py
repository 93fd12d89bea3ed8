"""How faults are made to happen: one small module each, all of them in one table.

A mechanism is a module with these functions, each taking a `InjectionTarget`:

    available(site) -> str | None          why it cannot work here; None when it can
    inject(site) -> dict                   break it; what was altered, for the record
    present(site) -> bool | None           is the cause in place? no side effects; None = unknown
    need(site) -> bool | None              does what the task needs work?
    heal(site, facts) -> None              undo it; `facts` is what inject returned

and a pydantic model `Settings` for the fault's `settings`.  `base` holds what most share.  Some
have more: `COUNTS = True` says that it counts its effects on the agent by itself; `counted(target)`
returns their number, where somebody must ask for it after each step; `unfit(agent)` says why this
agent cannot meet it; `leave(target)` is called at the end, after the last question.
"""

from types import ModuleType

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

TABLE: dict[str, ModuleType] = {
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
