"""The page's JavaScript: ES modules as they are written, put into one script in their order.

Each module becomes a function of its own, so that names cannot clash.  What a module may say is
deliberately little: `import {a, b as c} from "…"`, `import a from "…"`, `export const`, `export
function` (both at the start of a line), `export {a as b}` and `export default`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files

STATIC = files("harness.views.html") / "static"

VENDORED = {
    "preact": "vendor/preact.mjs",
    "preact/hooks": "vendor/hooks.mjs",
    "htm": "vendor/htm.mjs",
}
"""What a module calls other people's code, and where it is."""

_IMPORT = re.compile(
    r"^import\s*(?:\{(?P<names>[^}]*)\}|(?P<default>\w+))\s*from\s*[\"'](?P<source>[^\"']+)[\"'];?",
    re.MULTILINE,
)
_DECLARED = re.compile(
    r"^export (?=(?:async function|function|const|class)\*? (\w+))", re.MULTILINE
)
_LISTED = re.compile(r"\bexport\s*\{(?P<names>[^}]*)\};?\s*\Z")
_DEFAULT = re.compile(r"\bexport default ")
_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


@cache
def script() -> str:
    """Return the whole of the page's JavaScript."""
    return bundle("app/main.js", read)


@cache
def style() -> str:
    """Return the page's style sheet."""
    return read("style.css")


def read(name: str) -> str:
    """Return a file of the page's own."""
    return (STATIC / name).read_text(encoding="utf-8")


def bundle(entry: str, source: Callable[[str], str]) -> str:
    """Return the module `entry` and all that it imports as one script."""
    order: list[str] = []
    _visit(entry, source, order, ())
    parts = [f"const module{i} = {_function(source(name), order)};" for i, name in enumerate(order)]
    return "\n".join(['"use strict";', "(() => {", *parts, "})();", ""])


def _visit(
    name: str, source: Callable[[str], str], order: list[str], path: tuple[str, ...]
) -> None:
    """Put a module behind those that it imports."""
    if name in path:
        raise ValueError(f"modules import each other: {' -> '.join((*path, name))}")
    if name in order:
        return
    for found in _IMPORT.finditer(source(name)):
        _visit(_place(found["source"]), source, order, (*path, name))
    order.append(name)


def _place(source: str) -> str:
    return VENDORED.get(source) or f"app/{source.removeprefix('./')}"


def _function(text: str, order: list[str]) -> str:
    """Return the module as a function that is called at once and returns what it exports."""
    exported: dict[str, str] = {name: name for name in _DECLARED.findall(text)}
    listed = _LISTED.search(_MAP.sub("", text))
    body = _MAP.sub("", text)
    if listed:
        body = body[: listed.start()]
        exported |= {new: old for old, new in _read_names(listed["names"])}
    if _DEFAULT.search(body):
        body = _DEFAULT.sub("const defaultExport = ", body, count=1)
        exported["default"] = "defaultExport"
    body = _DECLARED.sub("", _IMPORT.sub(lambda found: _rewrite_import(found, order), body))
    answer = ", ".join(f"{new}: {old}" for new, old in exported.items())
    return f"(() => {{\n{body.strip()}\nreturn {{{answer}}};\n}})()"


def _rewrite_import(found: re.Match[str], order: list[str]) -> str:
    module = f"module{order.index(_place(found['source']))}"
    if found["default"]:
        return f"const {found['default']} = {module}.default;"
    names = ", ".join(f"{old}: {new}" for old, new in _read_names(found["names"]))
    return f"const {{{names}}} = {module};"


def _read_names(names: str) -> list[tuple[str, str]]:
    """Return (name, name after `as`) of a list in braces."""
    each = (name.split(" as ") for name in names.split(",") if name.strip())
    return [(parts[0].strip(), parts[-1].strip()) for parts in each]
