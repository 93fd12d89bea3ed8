"""Rules for what stands between a fault and its end: the mechanism's settings, the resolution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from harness.library.diagnostics import Diagnostic
from harness.library.rules.known import Known
from harness.library.rules.texts import sample_values, strings, within
from harness.library.shape import check
from harness.library.templates import every, names, substitute
from harness.library.yaml_positions import Document
from harness.models.fault import Fault
from harness.models.values import LocalPath

_LOCAL = get_args(LocalPath)[1].pattern


def settings(fault: Fault, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Find what is wrong with a fault's settings; values left to the pairs are not judged."""
    shape = known.mechanisms[fault.mechanism].Settings
    texts = strings(within(document, ("settings",)), ("settings",))
    empty = {name for name, value in fault.params.items() if not value}
    open_places = {document.values.get(loc) for loc, text in texts if names(text) & empty}
    made, found = try_settings(fault, sample_values(fault.params), shape, document)
    yield from (d for d in found if (d.line, d.col) not in open_places)
    for name, value in _local_paths(made):
        if not known.inside(path.with_suffix(""), value):
            beside = f"{path.stem}/{value}"
            yield document.at(("settings", name), "E408", f"there is no {beside} beside this file")


def try_settings(
    fault: Fault, values: Mapping[str, str], shape: type[BaseModel], document: Document
) -> tuple[BaseModel | None, list[Diagnostic]]:
    """Return the mechanism's settings for these values, or None and what is wrong."""
    data = every(fault.settings, lambda text: substitute(text, values))
    return check(shape, data, document, ("settings",), strict=False)


def _local_paths(made: BaseModel | None) -> Iterator[tuple[str, str]]:
    """Return the settings that name files in the folder beside the fault."""
    for name, info in type(made).model_fields.items() if made else ():
        if any(getattr(item, "pattern", None) == _LOCAL for item in info.metadata):
            yield name, getattr(made, name)


def without_end(fault: Fault) -> str | None:
    """Say why schedule and resolution contradict each other, if they do."""
    if fault.resolution == "wait" and not fault.schedule.transient:
        return "waiting helps only with a schedule that ends: {times: N} or {seconds: T}"
    if fault.resolution == "repair" and fault.schedule.kind == "permanent":
        return "a permanent fault cannot be repaired; its resolution is workaround or report"
    return None


def without_playbook(fault: Fault) -> tuple[str, str] | None:
    """Return code and message if the commands for the fault's resolution are missing."""
    match fault.resolution:
        case "repair" if not fault.playbooks.fix:
            return "E501", "the resolution is repair, and no `fix` says how"
        case "workaround" if not fault.playbooks.workaround:
            return "E502", "the resolution is workaround, and no `workaround` says how"
        case "report" if not fault.playbooks.dodges:
            return "E503", "the resolution is report, and no `dodges` show what must not pass"
        case _:
            return None
