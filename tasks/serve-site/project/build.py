"""Builds the handbook: `python3 build.py FOLDER`."""

import csv
import html
import json
import sys
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent
FRAME = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<nav>{nav}</nav>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one file in `data/`."""
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def table(name: str) -> str:
    """Return a file in `data/` as a table."""
    content = rows(name)
    lines = [cells("th", content[0]), *(cells("td", row.values()) for row in content)]
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def cells(tag: str, texts: object) -> str:
    """Return one line of a table."""
    return "<tr>" + "".join(f"<{tag}>{html.escape(t)}</{tag}>" for t in texts) + "</tr>"


def body(lines: list[str]) -> str:
    """Return the text of a page as HTML."""
    parts = []
    for is_list, group in groupby(lines, key=lambda line: line.startswith("- ")):
        if is_list:
            items = "\n".join(f"<li>{html.escape(line[2:])}</li>" for line in group)
            parts.append(f"<ul>\n{items}\n</ul>")
        else:
            parts += [paragraph(line) for line in group if line]
    return "\n".join(parts)


def paragraph(line: str) -> str:
    """Return a table for its placeholder, else a paragraph."""
    if line.startswith("{{") and line.endswith("}}"):
        return table(line[2:-2])
    return f"<p>{html.escape(line)}</p>"


def build(target: Path) -> None:
    """Write every page, and the people as JSON for the phone list."""
    target.mkdir(parents=True, exist_ok=True)
    pages = {path.stem: path.read_text(encoding="utf-8").splitlines()
             for path in sorted((HERE / "pages").glob("*.txt"))}
    nav = " | ".join(f'<a href="/{name}.html">{html.escape(lines[0])}</a>'
                     for name, lines in pages.items())
    for name, lines in pages.items():
        page = FRAME.format(title=html.escape(lines[0]), nav=nav, body=body(lines[1:]))
        (target / f"{name}.html").write_text(page, encoding="utf-8")
    people = json.dumps(rows("people"), ensure_ascii=False, indent=1)
    (target / "people.json").write_text(people + "\n", encoding="utf-8")
    print(f"{len(pages)} pages in {target}")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
