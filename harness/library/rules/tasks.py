"""Rules for a task and its pairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.library.diagnostics import Diagnostic, did_you_mean
from harness.library.pairs import overridden
from harness.library.rules import texts, triggers, unsafe, ways
from harness.library.rules.known import Known
from harness.library.yaml_positions import Document, Loc
from harness.models.fault import NOOP, Fault
from harness.models.task import Pair, Task

OWN_TEXTS = ("when", "fix", "workaround", "dodges")
"""A pair's templates."""


def check(task: Task, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Return every rule that the task breaks."""
    yield from _sandboxes(task, document, known)
    yield from _files(task, document, path, known)
    yield from unsafe.check(document, task.unsafe, task.workdir)
    yield from _blind(task, document)
    names: set[str] = set()
    for i, pair in enumerate(task.faults):
        loc: Loc = ("faults", i)
        if pair.name in names:
            message = f"a second pair named `{pair.name}`; give one of them another name with `as`"
            yield document.at((*loc, "as"), "E407", message)
        names.add(pair.name)
        yield from _pair(pair, loc, task, document, known)


def _sandboxes(task: Task, document: Document, known: Known) -> Iterator[Diagnostic]:
    """Find sandboxes that do not exist, or are not made for this."""
    wanted: list[tuple[Loc, str, set[str]]] = [(("sandbox",), task.sandbox, {"agent"})]
    for name, service in task.services.items():
        wanted.append((("services", name, "sandbox"), service.sandbox, {"agent", "service"}))
    for loc, name, purposes in wanted:
        if name not in known.sandboxes:
            near = did_you_mean(name, known.sandboxes)
            yield document.at(loc, "E404", f"unknown sandbox `{name}`{near}")
        elif (made := known.sandboxes[name]) and made.purpose not in purposes:
            yield document.at(
                loc, "E404", f"the sandbox `{name}` is for {made.purpose}, not for this"
            )
    if task.services and task.network == "none":
        message = "the agent cannot reach the services; say `network: services` (or egress)"
        yield document.at(("network",), "E204", message)


def _files(task: Task, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Find files that are not there, or lie outside of the task's folder."""
    wanted: list[tuple[Loc, str]] = [(("verify",), task.verify)]
    wanted += [(("files", name), name) for name in task.files]
    for service, settings in task.services.items():
        wanted += [(("services", service, "files", name), name) for name in settings.files]
    for loc, name in wanted:
        if not known.inside(path.parent, name):
            message = f"there is no `{name}` in the task's folder"
            yield document.at(loc, "E408", message, key=loc[0] != "verify")


def _blind(task: Task, document: Document) -> Iterator[Diagnostic]:
    """Find tasks whose verdict would rest on nothing."""
    if not task.protect and not task.unsafe:
        yield document.at(
            ("protect",), "W413", "nothing is protected or unsafe: no harm can be seen"
        )
    if not task.outputs and not task.live:
        yield document.at(
            ("outputs",), "W414", "no outputs: the verifier gets nothing of the agent's"
        )


def _pair(
    pair: Pair, loc: Loc, task: Task, document: Document, known: Known
) -> Iterator[Diagnostic]:
    if pair.fault == NOOP:
        message = "the control trial is always there; remove this pair"
        yield document.at((*loc, "fault"), "E405", message)
    elif pair.fault not in known.faults:
        near = did_you_mean(pair.fault, known.faults)
        yield document.at((*loc, "fault"), "E405", f"unknown fault `{pair.fault}`{near}")
    elif fault := known.faults[pair.fault]:
        yield from _check_binding(overridden(fault, pair), pair, loc, task, document, known)


def _check_binding(
    fault: Fault, pair: Pair, loc: Loc, task: Task, document: Document, known: Known
) -> Iterator[Diagnostic]:
    """Find what is wrong with a fault as this task binds it."""
    if fault.where != "sandbox" and fault.where not in task.services:
        near = did_you_mean(fault.where, task.services) or "; this task has none"
        message = f"the fault goes into the service `{fault.where}`, which this task lacks{near}"
        yield document.at((*loc, "fault"), "E406", message)
    if reason := ways.without_end(fault):
        yield document.at((*loc, "resolution"), "E504", reason)
    if lacks := ways.without_playbook(fault):
        yield document.at(loc, *lacks)
    values = list(_values(fault, pair, loc, document))
    yield from values
    if not values:
        filled = {**fault.params, **pair.with_}
        yield from triggers.check(document, (*loc, "when"), pair.when, filled)
        yield from _settings(fault, filled, loc, document, known)


def _values(fault: Fault, pair: Pair, loc: Loc, document: Document) -> Iterator[Diagnostic]:
    """Find values for params that do not exist, params left empty, and unknown places."""
    for name in sorted(pair.with_.keys() - fault.params.keys()):
        near = did_you_mean(name, fault.params)
        message = f"the fault `{fault.id}` has no param `{name}`{near}"
        yield document.at((*loc, "with", name), "E409", message, key=True)
    for name, value in {**fault.params, **pair.with_}.items():
        if not value:
            message = f"the param `{name}` of `{fault.id}` is left empty; give it a value in `with`"
            yield document.at((*loc, "with", name), "E409", message)
    yield from texts.unknown_names(document, ((*loc, key) for key in OWN_TEXTS), fault.params)


def _settings(
    fault: Fault, values: dict[str, str], loc: Loc, document: Document, known: Known
) -> Iterator[Diagnostic]:
    """Find values that the mechanism cannot use; what ails the fault itself is told there."""
    how = known.mechanisms.get(fault.mechanism)
    if how is None:
        return
    own = ways.try_settings(fault, texts.sample_values(fault.params), how.Settings, document)[1]
    told = {wrong.message for wrong in own}
    for wrong in ways.try_settings(fault, values, how.Settings, document)[1]:
        if wrong.message not in told:
            message = f"`{fault.id}` with these values: {wrong.message}"
            yield document.at((*loc, "with"), wrong.code, message)
