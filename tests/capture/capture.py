"""Capture what real commands print: `python tests/capture/capture.py ROWS.yaml OUT.json`.

The commands run in a throw-away container with the tools of `tools/Dockerfile`.  Labels come from
the rows alone: what was done to cause an error, never what a classifier says of the output.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

from harness.containers import connection
from harness.containers.images import build
from harness.library import load

HERE = Path(__file__).parent
PUBLIC = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:org|io|com|net|dev)\b")
"""Where packages come from is nobody's business; hosts, users and folders are the container's."""


def neutral(text: str, host: str) -> str:
    return PUBLIC.sub("packages.example", text).replace(host, "sandbox")


def capture(container: str, rows_file: str, out: str) -> None:
    """Run all rows in the container; rows that could not be set up are left out, and said."""
    rows = yaml.safe_load(Path(rows_file).read_text(encoding="utf-8"))
    subprocess.run(
        ["docker", "exec", "-i", container, "tee", "/opt/inside.py"],
        input=(HERE / "inside.py").read_bytes(), stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    run = subprocess.run(
        ["docker", "exec", "-i", "-w", "/", container, "python3", "/opt/inside.py"],
        input=json.dumps(rows), text=True, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    captured = [
        {"type": row["type"], "cmd": row["run"], "rc": answer["code"],
         "out": neutral(answer["output"], "sandbox")}
        for row, answer in zip(rows, json.loads(run.stdout), strict=True)
        if answer["code"] is not None
    ]  # fmt: skip
    text = ",\n".join(json.dumps(one, ensure_ascii=False) for one in captured)
    Path(out).write_text(f"[\n{text}\n]\n", encoding="utf-8")
    print(f"{len(captured)} of {len(rows)} captured into {out}")


def image() -> str:
    """Build the image with the tools, if need be, and return its tag."""
    api, found = connection.connect(timeout=1800), load.load()
    base = build.ensure(api, found.sandboxes, found.folders["sandbox"], ["workbench"])["workbench"]
    tag = base.replace("sandbox-workbench", "capture-tools")
    if not api.images(tag):
        build.build(api, HERE / "tools", base, tag, print)
    return tag


def main(rows_file: str, out: str) -> None:
    """Capture in a container of its own, which goes away with it."""
    name = subprocess.check_output(
        ["docker", "run", "-d", "--init", "--hostname", "sandbox", image(), "sleep", "1800"],
        text=True,
    ).strip()  # fmt: skip
    try:
        capture(name, rows_file, out)
    finally:
        subprocess.run(["docker", "rm", "-f", name], stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
