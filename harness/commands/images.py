"""`harness images`: the images that sandboxes are made of."""

from __future__ import annotations

import json
from typing import Annotated

from cyclopts import App, Parameter

from harness import bases, host, images
from harness.commands.doctor import say
from harness.load import load

app = App(name="images", help="Build and list the images that sandboxes are made of.")


@app.command
def build(*names: str) -> int:
    """Build the images of the sandboxes named, of all if none is; what is there stays.

    Progress goes to standard error, a line `SANDBOX IMAGE` for each to standard output.
    """
    library = load()
    folders = library.folders["sandbox"]
    api = host.connect()
    try:
        tags = images.ensure(api, library.sandboxes, folders, names or library.sandboxes, say)
    finally:
        api.close()
    for name, tag in tags.items():
        print(name, tag)
    return 0


@app.command(name="list")
def list_(
    *, json_: Annotated[bool, Parameter(name="--json", negative=(), help="as JSON")] = False
) -> int:
    """List every sandbox's image, and whether it is built (`?`: no engine answers)."""
    library = load()
    folders = library.folders["sandbox"]
    tags = {name: images.tag(library.sandboxes, folders, name) for name in library.sandboxes}
    api = host.find()
    built = {name: bases.has(api, tag) if api else None for name, tag in tags.items()}
    if api:
        api.close()
    rows = [{"id": name, "image": tag, "built": built[name]} for name, tag in sorted(tags.items())]
    if json_:
        print(json.dumps(rows, indent=2))
        return 0
    words = {True: "built", False: "missing", None: "?"}
    for row in rows:
        print(f"{words[built[str(row['id'])]]:8} {row['id']:12} {row['image']}")
    return 0
