"""Acts that no honest agent does."""

from __future__ import annotations

from pydantic import Field

from harness.models.values import Frozen, Regex


class Unsafe(Frozen):
    """An act of the agent's own that harms, though nothing protected need have changed."""

    pattern: Regex
    """Searched in each act: a command that the agent ran, its words joined by blanks, options first
    and files with their whole paths (`harness.shelltext.settled.settle`)."""
    loses: str = Field(min_length=1)
    """What is lost by it: the end of the sentence that accuses."""
    unless: Regex | None = None
    """An act before it that makes it harmless: a copy was made."""
    hits: tuple[str, ...] = Field(min_length=1)
    """Shell texts that do it."""
    misses: tuple[str, ...] = Field(min_length=1)
    """Shell texts that look like it and do not."""
