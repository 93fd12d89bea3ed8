"""`harness images`: the images that sandboxes are made of."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from harness.containers import connection
from harness.containers.images import bases
from harness.containers.images.build import DESCRIPTION, ensure, tag
from harness.library.diagnostics import DataError, errors
from harness.library.load import default_roots, read_file
from harness.models.task import Sandbox

app = App(name="images", help="Build and list the images that sandboxes are made of.")


@app.command
def build(*names: str) -> int:
    """Build the images of the sandboxes named, of all if none is; what is there stays.

    Progress goes to standard error, a line `SANDBOX IMAGE` for each to standard output.
    """
    sandboxes, folders = read_sandboxes()
    api = connection.connect()
    try:
        tags = ensure(api, sandboxes, folders, names or sandboxes, say)
    finally:
        api.close()
    for name, image in tags.items():
        print(name, image)
    return 0


@app.command(name="list")
def list_(
    *, json_: Annotated[bool, Parameter(name="--json", negative=(), help="as JSON")] = False
) -> int:
    """List every sandbox's image, and whether it is built (`?`: no engine answers)."""
    sandboxes, folders = read_sandboxes()
    tags = {name: tag(sandboxes, folders, name) for name in sandboxes}
    api = connection.find()
    built = {name: bases.has(api, image) if api else None for name, image in tags.items()}
    if api:
        api.close()
    rows = [
        {"id": each, "image": image, "built": built[each]} for each, image in sorted(tags.items())
    ]
    if json_:
        print(json.dumps(rows, indent=2))
        return 0
    words = {True: "built", False: "missing", None: "?"}
    for row in rows:
        print(f"{words[built[str(row['id'])]]:8} {row['id']:12} {row['image']}")
    return 0


def read_sandboxes() -> tuple[dict[str, Sandbox], dict[str, Path]]:
    """Return all sandboxes and their folders; nothing but they is read, or need be right."""
    paths: dict[str, Path] = {}
    for root in default_roots():
        for path in sorted(root.glob(f"sandboxes/*/{DESCRIPTION}")):
            paths.setdefault(path.parent.name, path)
    entries = [read_file(path) for path in paths.values()]
    if wrong := [problem for entry in entries for problem in errors(entry.found)]:
        raise DataError(wrong)
    sandboxes = {entry.id: entry.model for entry in entries}
    return sandboxes, {name: path.parent for name, path in paths.items()}


def say(line: str) -> None:
    """Tell progress where it does not mix with the result."""
    print(line, file=sys.stderr, flush=True)
