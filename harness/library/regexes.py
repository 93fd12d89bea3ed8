"""What is wrong with a pattern, before it decides anything."""

from __future__ import annotations

from harness import patterns


def problem(pattern: str) -> tuple[str, str] | None:
    """Return (code, message) for what is wrong, or None."""
    try:
        patterns.compile_pattern(pattern)
    except ValueError as error:
        return "E301", f"the regular expression does not compile: {error}"
    if patterns.matches(pattern, ""):
        return "E302", "the regular expression matches the empty text, so it matches everywhere"
    return None
