"""Agents by name: built in, `NAME:MODEL`, or a YAML file of the user's."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from harness.agents import BUILTIN, TABLE
from harness.errors import InputError
from harness.models import AgentSpec


def agent_named(name: str) -> AgentSpec:
    """Return the agent that `-a` names; `InputError` says what there is if it is none."""
    if name.endswith((".yaml", ".yml")):
        return _from_file(Path(name))
    if name in BUILTIN:
        return BUILTIN[name]
    known = ", ".join(sorted(BUILTIN))
    raise InputError(f"no agent is called `{name}`; there are {known}, or name a FILE.yaml")


def _from_file(path: Path) -> AgentSpec:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: {error}") from None
    try:
        spec = AgentSpec.model_validate({"id": path.stem, **(data or {})})
    except (ValidationError, TypeError) as error:
        raise InputError(f"{path}: {error}") from None
    if spec.adapter not in TABLE:
        raise InputError(f"{path}: no adapter `{spec.adapter}`; there are {', '.join(TABLE)}")
    return spec
