"""Rules for a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.diagnostics import Diagnostic
    from harness.models import Sandbox
    from harness.positions import Document
    from harness.rules.known import Known

ANOTHER = "sandbox:"
"""A base that begins like this is another sandbox's image."""


def broken(sandbox: Sandbox, document: Document, path: Path, known: Known) -> Iterator[Diagnostic]:
    """Return every rule that the sandbox breaks."""
    if not known.inside(path.parent, "Dockerfile"):
        yield document.at((), "E408", "there is no Dockerfile beside this file")
    seen = [sandbox.id]
    base = sandbox.base
    while base.startswith(ANOTHER):
        name = base.removeprefix(ANOTHER)
        if name in seen:
            yield document.at(("base",), "E404", f"built on itself: {' -> '.join([*seen, name])}")
            return
        if name not in known.sandboxes:
            near = did_you_mean(name, known.sandboxes)
            yield document.at(("base",), "E404", f"unknown sandbox `{name}`{near}")
            return
        seen.append(name)
        made = known.sandboxes[name]
        base = made.base if made else ""
