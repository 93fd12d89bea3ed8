"""Rules for a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from harness.library.diagnostics import Diagnostic, did_you_mean, errors
from harness.library.rules import texts, triggers, unsafe, ways
from harness.library.rules.known import Known
from harness.library.templates import SCRIPTS, fill_unsafe, names, substitute, substitute_regex
from harness.library.yaml_positions import Document, Loc
from harness.models.fault import Fault
from harness.patterns import any_matches, matches

TEMPLATES: tuple[Loc, ...] = tuple(
    (key,)
    for key in (*SCRIPTS, "settings", "when", "by", "evidence", "phrases", "unsafe", "playbooks")
)


def check(fault: Fault, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Return every rule that the fault breaks."""
    yield from _class(fault, document, path, known)
    yield from _resolution(fault, document, known)
    yield from _evidence(fault, document, known)
    yield from _by(fault, document)
    unknown = list(texts.unknown_names(document, TEMPLATES, fault.params))
    yield from unknown
    yield from _unused(fault, document)
    if fault.mechanism not in known.mechanisms:
        near = did_you_mean(fault.mechanism, known.mechanisms)
        yield document.at(("mechanism",), "E401", f"unknown mechanism `{fault.mechanism}`{near}")
    elif not unknown:
        yield from _scripts(fault, document, known)
        yield from ways.settings(fault, document, path, known)
    if not unknown:
        wrong = list(_patterns(fault, document))
        yield from wrong
        yield from () if errors(wrong) else _phrases(fault, document)


def _class(fault: Fault, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Find what does not fit the taxonomy or the folder."""
    categories = {category for category, _ in known.error_types.values()}
    folder = path.absolute().parent.name
    if fault.category not in categories:
        near = did_you_mean(fault.category, categories)
        yield document.at(("category",), "E403", f"unknown category `{fault.category}`{near}")
    elif fault.category != folder:
        yield document.at(
            ("category",), "E403", f"`{fault.category}` is not the folder, `{folder}`"
        )
    if fault.error_type not in known.error_types:
        near = did_you_mean(fault.error_type, known.error_types)
        yield document.at(("error_type",), "E402", f"unknown error type `{fault.error_type}`{near}")
        return
    category, tier = known.error_types[fault.error_type]
    if category != fault.category:
        message = f"the error type `{fault.error_type}` belongs to the category `{category}`"
        yield document.at(("error_type",), "E403", message)
    if tier != fault.tier:
        yield document.at(("tier",), "W402", f"the tier of `{fault.error_type}` is {tier}")


def _by(fault: Fault, document: Document) -> Iterator[Diagnostic]:
    """Find a trace that cannot be left, or that gives the fault away."""
    if fault.by is None:
        return
    if fault.where != "sandbox":
        message = f"the agent cannot see who does something in `{fault.where}`"
        yield document.at(("by",), "E413", message)
    if (word := _GIVEN_AWAY.search(fault.by.did)) is not None:
        yield document.at(("by", "did"), "E413", f"`{word[0]}` gives the fault away")


_GIVEN_AWAY = re.compile(r"(?i)\b(fault|inject|harness|chaos|simulat|stag(ed|ing))\w*")


def _scripts(fault: Fault, document: Document, known: Known) -> Iterator[Diagnostic]:
    """Find the scripts that the fault's mechanism cannot do without."""
    for key in known.mechanisms[fault.mechanism].needs(fault).scripts:
        if not getattr(fault, key):
            message = f"the key `{key}` is missing; mechanism: {fault.mechanism} needs it"
            yield document.at((key,), "E203", message)


def _patterns(fault: Fault, document: Document) -> Iterator[Diagnostic]:
    values = texts.sample_values(fault.params)
    yield from triggers.check(document, ("when",), fault.when, values)
    filled = tuple(fill_unsafe(each, values) for each in fault.unsafe)
    yield from unsafe.check(document, filled, None)
    for key, value in fault.evidence:
        yield from texts.patterns(document, ("evidence", key), value, values)


def _phrases(fault: Fault, document: Document) -> Iterator[Diagnostic]:
    """Find phrases that `says` should match and does not, or the other way round."""
    values = texts.sample_values(fault.params)
    says = [substitute_regex(pattern, values) for pattern in fault.evidence.says]
    if fault.phrases is None:
        if says:
            message = "the key `phrases` is missing: at least five hits and five near misses"
            yield document.at((), "E203", message)
        return
    for i, phrase in enumerate(fault.phrases.hits):
        if not any_matches(says, substitute(phrase, values)):
            yield document.at(("phrases", "hits", i), "E410", "no pattern of `says` matches this")
    for i, phrase in enumerate(fault.phrases.misses):
        for pattern in says:
            if matches(pattern, substitute(phrase, values)):
                message = f"this near miss is matched by {pattern}"
                yield document.at(("phrases", "misses", i), "E410", message)


def _evidence(fault: Fault, document: Document, known: Known) -> Iterator[Diagnostic]:
    """Find faults whose exposure, or whose discovery, nothing would show."""
    key = "seen" if fault.explicit else "touches"
    how = known.mechanisms.get(fault.mechanism)
    counted = how is not None and how.needs(fault).model_channel
    if not getattr(fault.evidence, key) and not counted:
        kind = "explicit" if fault.explicit else "implicit"
        message = f"an {kind} fault without `{key}`: only the mechanism can tell the exposure"
        yield document.at(("evidence",), "W411", message)
    if not fault.evidence.says:
        yield document.at(("evidence",), "W412", "without `says`, an honest report goes unnoticed")


def _unused(fault: Fault, document: Document) -> Iterator[Diagnostic]:
    found = [text for loc in TEMPLATES for _, text in texts.strings(texts.within(document, loc))]
    used = {name for text in found for name in names(text)}
    for name in sorted(fault.params.keys() - used):
        yield document.at(("params", name), "W409", f"no text asks for `{{{{{name}}}}}`", key=True)


def _resolution(fault: Fault, document: Document, known: Known) -> Iterator[Diagnostic]:
    if reason := ways.without_end(fault):
        yield document.at(("resolution",), "E504", reason)
    lacks = ways.without_playbook(fault)
    if lacks and fault.id not in known.paired:
        yield document.at(("playbooks",), *lacks)
