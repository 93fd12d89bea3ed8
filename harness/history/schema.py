"""The JSON Schema of `events.jsonl`: `python -m harness.history.schema FILE` writes it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

from pydantic import Discriminator, Tag, TypeAdapter

from harness.history.reader import KINDS


def schema() -> str:
    """Return the text of docs/schema/events.schema.json: one line of `events.jsonl`."""

    def tag(value: Any) -> str:
        return f"{value['who']}/{value['what']}"

    tagged = [Annotated[kind, Tag(f"{who}/{what}")] for (who, what), kind in KINDS.items()]
    union: Any = tagged[0]
    for each in tagged[1:]:
        union = union | each
    made = TypeAdapter(Annotated[union, Discriminator(tag)]).json_schema()
    for kind in made["$defs"].values():
        kind["required"] = sorted({"seq", "t", "who", "what", *kind.get("required", ())})
    dialect = "https://json-schema.org/draft/2020-12/schema"
    whole = {"$schema": dialect, "title": "A line of events.jsonl, format 2", **made}
    return json.dumps(whole, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema(), encoding="utf-8")
