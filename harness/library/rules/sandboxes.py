"""Rules for a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.library.diagnostics import Diagnostic, did_you_mean
from harness.library.rules.known import Known
from harness.library.yaml_positions import Document
from harness.models.task import Sandbox

ANOTHER = "sandbox:"
"""A base that begins like this is another sandbox's image."""


def check(sandbox: Sandbox, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Return every rule that the sandbox breaks."""
    if not known.inside(path.parent, "Dockerfile"):
        yield document.at((), "E408", "there is no Dockerfile beside this file")
    name = sandbox.base.removeprefix(ANOTHER)
    if name != sandbox.base and name not in known.sandboxes:
        near = did_you_mean(name, known.sandboxes)
        yield document.at(("base",), "E404", f"unknown sandbox `{name}`{near}")
    elif circle := _circle(sandbox, known):
        yield document.at(("base",), "E404", f"built on itself: {' -> '.join(circle)}")


def _circle(sandbox: Sandbox, known: Known) -> list[str]:
    """Return the way from a sandbox through its bases back to it, if there is one."""
    way = [sandbox.id]
    base: Sandbox | None = sandbox
    while base and base.base.startswith(ANOTHER):
        way.append(base.base.removeprefix(ANOTHER))
        if way[-1] in way[:-1]:
            return way
        base = known.sandboxes.get(way[-1])
    return []
