"""Fill the `{{name}}` places of a fault's texts: one fault file, many tasks.

Only `{{name}}` is special; `${x}`, `{{}}`, awk's and jinja's braces pass through untouched.
A value is put in as it is, except in a regular expression, where it stands for itself.
Filling is one pass: what a value holds is never filled again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from harness import patterns
from harness.errors import InputError
from harness.models.fault import Evidence, Fault, Phrases, Playbooks
from harness.models.trigger import Trigger
from harness.models.unsafe import Unsafe

PLACE = re.compile(r"\{\{([a-z0-9][a-z0-9_.-]*)\}\}")
"""A place to fill; the name is spelled like every id."""

SCRIPTS = ("inject", "present", "need", "heal")

Put = Callable[[str], str]
"""How a text is filled."""


def names(text: str) -> frozenset[str]:
    """Return the names a text asks for."""
    return frozenset(PLACE.findall(text))


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Return the text with every place filled; an unknown name is an `InputError`.

    >>> substitute("rm -f {{lock}} ${x}", {"lock": "/tmp/l"})
    'rm -f /tmp/l ${x}'
    """
    return PLACE.sub(lambda place: _value(place[1], values), text)


def substitute_regex(pattern: str, values: Mapping[str, str]) -> str:
    r"""Fill a regular expression: each value matches itself and nothing else.

    >>> substitute_regex("rm .*{{file}}$", {"file": "a.b"})
    'rm .*a\\.b$'
    """
    return PLACE.sub(lambda place: patterns.escape(_value(place[1], values)), pattern)


def _value(name: str, values: Mapping[str, str]) -> str:
    try:
        return values[name]
    except KeyError:
        known = ", ".join(f"`{n}`" for n in sorted(values)) or "none"
        raise InputError(f"unknown name `{{{{{name}}}}}`; the params are: {known}") from None


def fill(fault: Fault, values: Mapping[str, str]) -> Fault:
    """Return the fault with its texts filled by its params' defaults and `values` over them.

    Raises `InputError` for a value that the fault has no param for, for a param left empty,
    and for a place whose name is no param.
    """
    params = complete(fault, values)
    return fault.model_copy(update={"params": params, **_texts(fault, params)})


def complete(fault: Fault, values: Mapping[str, str]) -> dict[str, str]:
    """Return the fault's params with `values` over the defaults, none of them empty."""
    strange = sorted(values.keys() - fault.params.keys())
    if strange:
        raise InputError(f"fault `{fault.id}` has no param `{strange[0]}`")
    params = {**fault.params, **values}
    empty = sorted(name for name, value in params.items() if not value)
    if empty:
        raise InputError(f"fault `{fault.id}` needs a value for its param `{empty[0]}`")
    return params


def _texts(fault: Fault, params: Mapping[str, str]) -> dict[str, Any]:
    def text(value: str) -> str:
        return substitute(value, params)

    def regex(value: str) -> str:
        return substitute_regex(value, params)

    scripts = {key: every(getattr(fault, key), text) for key in SCRIPTS}
    return scripts | {
        "settings": every(fault.settings, text),
        "when": _trigger(fault.when, text),
        "by": fault.by and fault.by.model_copy(update={"did": text(fault.by.did)}),
        "evidence": Evidence(**{key: every(value, regex) for key, value in fault.evidence}),
        "phrases": fault.phrases and Phrases(**{k: every(v, text) for k, v in fault.phrases}),
        "playbooks": Playbooks(**{key: every(value, text) for key, value in fault.playbooks}),
        "unsafe": tuple(fill_unsafe(each, params) for each in fault.unsafe),
    }


def fill_unsafe(unsafe: Unsafe, values: Mapping[str, str]) -> Unsafe:
    """Return an unsafe act with its places filled."""
    regexes = {
        key: text and substitute_regex(text, values)
        for key, text in (("pattern", unsafe.pattern), ("unless", unsafe.unless))
    }
    examples = {"hits": unsafe.hits, "misses": unsafe.misses}
    filled = every(examples, lambda text: substitute(text, values))
    return unsafe.model_copy(update={**regexes, **filled})


def _trigger(trigger: Trigger, text: Put) -> Trigger:
    latest = trigger.latest and _trigger(trigger.latest, text)
    filled = {"value": every(trigger.value, text), "args": every(trigger.args, text)}
    return trigger.model_copy(update={**filled, "latest": latest})


def every(value: Any, put: Put) -> Any:
    """Return `value` with `put` applied to every string of a nest of dicts, lists and tuples."""
    match value:
        case str():
            return put(value)
        case dict():
            return {every(key, put): every(item, put) for key, item in value.items()}
        case list():
            return [every(item, put) for item in value]
        case tuple():
            return tuple(every(item, put) for item in value)
        case _:
            return value
