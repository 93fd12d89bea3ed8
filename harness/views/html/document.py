"""One HTML file that opens from disk: style, script and data within, nothing fetched, ever."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from harness.views.html import bundle
from harness.views.html.contract import Page

POLICY = (
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "img-src data:",
)
"""What a page may do whatever is in it: nothing but what is named beside these."""

SERVED = (
    *POLICY,
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
)
"""The same for the pages that `harness view` serves, as a header."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
{style}
</head>
<body>
<div id="page"><main class="early"><h1>{sentence}</h1><p>{asked}</p></main></div>
<noscript><p class="early">The pictures need JavaScript.  In a terminal, <code>harness show</code>
tells the same run.</p></noscript>
{data}
{script}
</body>
</html>
"""


def document(page: Page, trials: Iterable[tuple[str, dict[str, Any]]]) -> str:
    """Return the file's text; `trials` are (id, picture), each packed for itself."""
    blocks = [_block("run", page)]
    blocks += [_block(f"trial {trial}", picture) for trial, picture in trials]
    return _embed(page, blocks)


def live_page() -> str:
    """Return the page that `harness view` serves: it asks for script, style and data."""
    return _PAGE.format(
        policy=escape("; ".join(SERVED[:-1])),
        title="recovery harness",
        sentence="",
        asked="loading …",
        style='<link rel="stylesheet" href="style.css">',
        script='<script type="module" src="page.js"></script>',
        data="",
    )


def _embed(page: Page, blocks: Iterable[str]) -> str:
    script, style = bundle.script(), bundle.style()
    own = (f"script-src {_digest(script)}", f"style-src {_digest(style)}")
    return _PAGE.format(
        policy=escape("; ".join((*POLICY, *own))),
        title=escape(f"{page['run']['name']} - recovery harness"),
        sentence=escape(page["answer"]["sentence"]),
        asked=escape(page["answer"]["asked"]),
        style=f"<style>{style}</style>",
        script=f'<script type="module">{script}</script>',
        data="\n".join(blocks),
    )


def _block(name: str, content: Mapping[str, Any]) -> str:
    """Return a block of data: base64 holds no markup, whatever the content is."""
    return f'<script type="text/plain" data-name="{escape(name)}">{pack(content)}</script>'


def pack(content: Mapping[str, Any]) -> str:
    """Return JSON, gzipped (the same bytes each time), in base64."""
    text = json.dumps(finite(content), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


def finite(content: Any) -> Any:
    """Return the content without what JSON does not know (a stored history may hold a NaN)."""
    match content:
        case float() if not math.isfinite(content):
            return None
        case dict():
            return {key: finite(value) for key, value in content.items()}
        case list() | tuple():
            return [finite(value) for value in content]
    return content


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
