"""Capture what real commands print: `python tests/capture/capture.py IMAGE ROWS.yaml OUT.json`.

IMAGE must have the tools that the rows use (see `tools.txt`) and a user `agent`.  Labels come from
the rows alone: what was done to cause an error, never what a classifier says of the output.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).parent
PUBLIC = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:org|io|com|net|dev)\b")
"""Where packages come from is nobody's business; hosts, users and folders are the container's."""


def neutral(text: str, host: str) -> str:
    return PUBLIC.sub("packages.example", text).replace(host, "sandbox")


def main(container: str, rows_file: str, out: str) -> None:
    rows = yaml.safe_load(Path(rows_file).read_text(encoding="utf-8"))
    host = subprocess.check_output(["docker", "exec", container, "hostname"], text=True).strip()
    copied = subprocess.run(
        ["docker", "exec", "-i", container, "tee", "/opt/inside.py"],
        input=(HERE / "inside.py").read_bytes(), stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    del copied
    run = subprocess.run(
        ["docker", "exec", "-i", "-w", "/", container, "python3", "/opt/inside.py"],
        input=json.dumps(rows), text=True, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    captured = [
        {"type": row["type"], "cmd": row["run"], "rc": answer["code"],
         "out": neutral(answer["output"], host)}
        for row, answer in zip(rows, json.loads(run.stdout), strict=True)
        if answer["code"] is not None
    ]  # fmt: skip
    text = ",\n".join(json.dumps(one, ensure_ascii=False) for one in captured)
    Path(out).write_text(f"[\n{text}\n]\n", encoding="utf-8")
    print(f"{len(captured)} of {len(rows)} captured into {out}")


if __name__ == "__main__":
    main(*sys.argv[1:])
