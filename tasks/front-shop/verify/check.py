"""Do customers get the release and the stock through nginx, over the machine's own certificate?"""

import csv
import html
import json
import ssl
import sys
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

HOME = Path("/work/shopfront")
STOCK = Path("stock.csv")
NAME = "june-4b"


def served(path: str) -> tuple[str, str]:
    """Return the server's name and what a customer gets."""
    context = ssl.create_default_context(cafile=str(HOME / "tls/site.crt"))
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
    try:
        with opener.open(f"https://localhost:8443/{path}", timeout=10) as answer:
            return str(answer.headers["Server"]), answer.read().decode()
    except (URLError, OSError) as error:
        sys.exit(f"/{path}: {error}")


def expect(name: str, expected: Any, found: Any) -> None:
    """Stop with a message where two things differ."""
    if expected != found:
        sys.exit(f"{name}: expected {str(expected)[:200]}, found {str(found)[:200]}")


with STOCK.open(encoding="utf-8", newline="") as stream:
    stock = list(csv.DictReader(stream))
items = "\n".join(f'<li id="{row["article"]}">{html.escape(row["name"])}</li>' for row in stock)
pages = {path.name: path.read_text(encoding="utf-8").replace("<!-- articles -->", items)
         for path in Path("pages").iterdir()}
pages |= {"release.txt": NAME + "\n", "": pages["index.html"]}
for path, expected in pages.items():
    server, found = served(path)
    expect(f"the server of /{path}", "nginx", server.split("/")[0])
    expect(f"/{path}", expected, found)
server, found = served("api/articles")
expect("the server of the stock", "nginx", server.split("/")[0])
expect("the stock", stock, json.loads(found))
expect("one article", stock[1], json.loads(served("api/articles/1002")[1]))
log = (HOME / "log/releases.log").read_text(encoding="utf-8").splitlines()
expect("the last release that customers were seen to get", NAME, log[-1].split()[1])
current = HOME / "current"
expect("current", "releases/" + NAME, str(current.readlink()) if current.is_symlink() else "")
