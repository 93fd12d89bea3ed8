"""Agents by name: built in, `NAME:MODEL`, or a YAML file of the user's.

An agent file names its adapter; what else may stand in it is the adapter's `Settings`:

    adapter: codex
    version: 0.169.0
    model: gpt-5
    budget: {tokens: 200000}
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from harness.agents import BUILTIN, adapters
from harness.agents.base import Adapter
from harness.agents.model_settings import Price
from harness.errors import InputError
from harness.gateway.scenario import Scenario
from harness.library.diagnostics import DataError, Diagnostic, did_you_mean
from harness.library.shape import check
from harness.library.yaml_positions import Document, parse
from harness.models.trial import AgentSpec
from harness.models.values import Id

OWN = ("adapter", "deterministic")
"""Keys of an agent file that are no settings of the adapter's."""

INCLUDED = ("scenario", "prices")
"""Settings that may be the name of a YAML file beside the agent's."""


def find_agent(name: str) -> AgentSpec:
    """Return the agent that `-a` names; `InputError` says what there is if it is none."""
    if name.endswith((".yaml", ".yml")):
        return from_file(Path(name))
    if name in BUILTIN:
        return BUILTIN[name]
    adapter, colon, model = name.partition(":")
    if adapter in by_name() and (model or not colon):
        settings = {"model": model} if model else {}
        return AgentSpec(id=_id(name), adapter=adapter, settings=settings)
    raise InputError(
        f"no agent is called `{name}`{did_you_mean(name, names())}; `harness list agents` names"
        " them, or name a FILE.yaml"
    )


def check_ready(agents: Iterable[AgentSpec]) -> None:
    """Raise what an agent's adapter says of an agent that cannot play: no key, no program."""
    for agent in agents:
        adapters()[agent.adapter].ready(agent)


def names() -> list[str]:
    """Return the names that `-a` takes as they are."""
    return sorted({*BUILTIN, *by_name()})


def by_name() -> list[str]:
    """Return the adapters whose model is at the gateway and that need no file."""
    return [name for name, adapter in adapters().items() if _is_enough(name, adapter)]


def _is_enough(name: str, adapter: Adapter) -> bool:
    """Say whether an adapter's name alone is an agent with a model at the gateway."""
    try:
        adapter.Settings()
    except ValidationError:
        return False
    return adapter.endpoint(AgentSpec(id=_id(name), adapter=name)) is not None


def _id(name: str) -> str:
    """Return a name as an id.

    >>> _id("codex:openai/GPT-5.1")
    'codex-openai-gpt-5.1'
    """
    return re.sub(r"[^a-z0-9_.-]", "-", name.lower()).strip("-._")[:80]


def from_file(path: Path) -> AgentSpec:
    """Read an agent file; all that is wrong in it comes at once, each with its place."""
    document = _read(path)
    made, found = _agent(path, document)
    if made is None:
        raise DataError(sorted(found))
    return made


def _read(path: Path) -> Document:
    try:
        document = parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InputError(f"{path}: {why}") from None
    if document.found:
        raise DataError(document.found)
    return document


def _agent(path: Path, document: Document) -> tuple[AgentSpec | None, list[Diagnostic]]:
    data = document.data
    if not isinstance(data, dict):
        return None, [document.at((), "E202", "should be a mapping: lines of `key: value`")]
    adapter = data.get("adapter")
    if adapter is None:
        return None, [document.at((), "E203", "the key `adapter` is missing")]
    module = adapters().get(str(adapter))
    if module is None:
        near = did_you_mean(str(adapter), list(adapters()))
        return None, [document.at(("adapter",), "E401", f"unknown adapter `{adapter}`{near}")]
    own = {key: value for key, value in data.items() if key not in OWN}
    own, found = _include(own, path, document)
    settings, wrong = check(module.Settings, own, document)
    found += wrong
    found += _head(path, data, document)
    if found or settings is None:
        return None, found
    return AgentSpec(
        id=path.stem, adapter=str(adapter), settings=own,
        deterministic=bool(data.get("deterministic", False)),
    ), []  # fmt: skip


def _head(path: Path, data: dict[str, Any], document: Document) -> list[Diagnostic]:
    found = []
    if not isinstance(data.get("deterministic", False), bool):
        message = "`deterministic` should be true or false"
        found.append(document.at(("deterministic",), "E202", message))
    if not re.fullmatch(get_args(Id)[1].pattern, path.stem):
        message = (
            f"the file's name, `{path.stem}`, is the agent's id: lower-case letters, digits, - _ ."
        )
        found.append(document.at((), "E204", message))
    return found


def _include(
    own: dict[str, Any], path: Path, document: Document
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Put what stands in other files in its place, so that the agent is whole."""
    whole, found = dict(own), []
    for key in INCLUDED:
        name = own.get(key)
        if not isinstance(name, str):
            continue
        sidecars = path.parent / name
        if not sidecars.is_file():
            found.append(document.at((key,), "E408", f"there is no file `{sidecars}`"))
            whole.pop(key)
            continue
        inner = _read(sidecars)
        found += _wrong(key, inner)
        whole[key] = inner.data
    return (whole if not found else {k: v for k, v in whole.items() if k not in INCLUDED}), found


def _wrong(key: str, inner: Document) -> list[Diagnostic]:
    """Return what is wrong in an included file, at its own places."""
    if key == "scenario":
        return check(Scenario, inner.data, inner)[1]
    found: list[Diagnostic] = []
    rows = inner.data if isinstance(inner.data, dict) else {}
    if not rows:
        found.append(inner.at((), "E202", "should be a mapping: model -> {prompt, completion}"))
    for model, row in rows.items():
        found += check(Price, row, inner, (model,))[1]
    return found
