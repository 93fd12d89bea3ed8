"""Print a text as a page: page.py FRAME TITLE FILE (- for standard input)."""

import html
import re
import sys


def inline(text):
    """Return a line with its links and stresses marked up."""
    text = html.escape(text, quote=False)
    text = re.sub(r"\[([^]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', text)
    return re.sub(r"\*([^*\s][^*]*)\*", r"<em>\1</em>", text)


def blocks(text):
    """Yield the marked-up paragraphs, headings and lists of a text."""
    for block in re.split(r"\n{2,}", text.strip()):
        lines = block.split("\n")
        if match := re.match(r"(=+) (.*)", block):
            level = len(match[1])
            yield f"<h{level}>{inline(match[2])}</h{level}>"
        elif all(line.startswith("* ") for line in lines):
            yield "\n".join(["<ul>", *(f"<li>{inline(line[2:])}</li>" for line in lines), "</ul>"])
        else:
            yield f"<p>{inline(' '.join(lines))}</p>"


def main(frame, title, path):
    """Print the page."""
    with sys.stdin if path == "-" else open(path) as chapter:
        body = "\n".join(blocks(chapter.read()))
    with open(frame) as page:
        print(page.read().replace("{title}", title).replace("{body}", body), end="")


main(*sys.argv[1:])
