"""The error types of shell work: 11 categories, 115 types, their symptoms and usual fixes, as data.

The data is `harness/error_taxonomy/taxonomy.yaml`; its head has the rules, which
`harness.error_taxonomy.classify` applies.
"""

from __future__ import annotations

from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import Field, model_validator

from harness.models.values import Frozen, Id, Regex


class Pattern(Frozen):
    """A symptom, with what else must hold for it to count."""

    re: Regex
    exit: tuple[int, ...] = ()
    """Only with these exit codes."""
    avoid: Regex | None = None
    """Not on a line on which this matches too."""
    command: Regex | None = None
    """Only when the command line matches."""
    priority: int | None = None
    """In place of the type's."""
    exits: Literal["nonzero", "any", "masked", "failed"] | None = None
    """In place of the type's; `failed`: while the exit code is unknown or masked, it counts
    only on a line that calls itself an error."""
    anywhere: bool = False
    """It counts in a file that is shown, too."""

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        return {"re": data} if isinstance(data, str) else data


class Silence(Frozen):
    """An exit code that tells the type when the output does not."""

    exit: int
    command: Regex | None = None
    """Only when the command line matches."""


class Category(Frozen):
    """One of the kinds of error."""

    id: Id
    name: str
    origin: str
    snorkel: dict[str, Any] = Field(default={})


class ErrorType(Frozen):
    """One error type: how it shows, what usually mends it, how it can be brought about."""

    id: Id
    category: Id
    origin: Literal["snorkel", "snorkel_implied", "proposed"]
    tier: Literal["core", "extended"]
    verified: Literal["captured", "known_text"]
    snorkel: dict[str, Any] = Field(default={})
    exit_codes: tuple[int, ...] = ()
    exits: Literal["nonzero", "any", "rule"] = "nonzero"
    exit_only: tuple[int, ...] = ()
    exit_silent: tuple[Silence, ...] = ()
    priority: int
    patterns: tuple[Pattern, ...] = ()
    not_patterns: tuple[Regex, ...] = ()
    hints: tuple[Pattern, ...] = ()
    """Words that name the type for want of anything better."""
    rule: str = ""
    symptoms: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    inject: dict[str, str] = Field(default={})
    recovery: Literal["easy", "medium", "hard"]


class Taxonomy(Frozen):
    """All of `taxonomy.yaml`."""

    version: int
    viewer_commands: tuple[str, ...]
    """Programs whose output is other people's text."""
    quiet_commands: tuple[str, ...]
    """Programs that say nothing but complaints, which they begin with their names."""
    no_means_no: tuple[str, ...]
    """Programs whose exit code 1 is an answer."""
    ignore_lines: tuple[Regex, ...]
    calm: tuple[Regex, ...]
    """What a command prints that came through: with exit code 0 it beats every symptom."""
    categories: tuple[Category, ...]
    types: tuple[ErrorType, ...] = Field(min_length=1)

    @cached_property
    def by_id(self) -> dict[str, ErrorType]:
        """The types by their id."""
        return {kind.id: kind for kind in self.types}


@cache
def load() -> Taxonomy:
    """Return the taxonomy that comes with the package."""
    text = files("harness.error_taxonomy").joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    return Taxonomy.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
