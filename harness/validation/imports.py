"""Which modules of the package a module needs to run: what it imports, and what those import.

Read off the sources, so that nothing is imported to be asked; imports in functions count, those
for type checkers only do not.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where a statement holds other statements."""


def closure(
    folder: Path, roots: Iterable[str], *, tables: Container[str] = (), apart: str | None = None
) -> frozenset[str]:
    """Return the dotted names of all modules that the roots need, themselves among them.

    `folder` is the package.  Not followed are the rows of `tables`, and all of the package `apart`.
    """
    found, waiting = set[str](), list(roots)
    while waiting:
        name = waiting.pop()
        if name in found or (apart is not None and f"{name}.".startswith(f"{apart}.")):
            continue
        found.add(name)
        waiting += imports(folder, name) - (rows(folder, name) if name in tables else frozenset())
    return frozenset(found)


@functools.cache
def imports(folder: Path, name: str) -> frozenset[str]:
    """Return the modules of the package that one of them imports, and the packages around those."""
    tree = ast.parse(source(folder, name).read_text(encoding="utf-8"))
    named = {each for node in _statements(tree.body) for each in _modules_named(folder, node)}
    return frozenset(outer for each in named for outer in _around(each)) - {name}


def rows(folder: Path, table: str) -> frozenset[str]:
    """Return the modules that a package takes in by `from PACKAGE import ...` in its `__init__`."""
    tree = ast.parse(source(folder, table).read_text(encoding="utf-8"))
    own = (n for n in _statements(tree.body) if isinstance(n, ast.ImportFrom) and n.module == table)
    return frozenset(each for node in own for each in _modules_named(folder, node))


@functools.cache
def source(folder: Path, name: str) -> Path:
    """Return the file of a module of the package; it need not be there."""
    base = folder.joinpath(*name.split(".")[1:])
    return base / "__init__.py" if base.is_dir() else base.with_name(f"{base.name}.py")


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in body:
        yield node
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for block in BLOCKS[1:] if for_types else BLOCKS:
            inner = getattr(node, block, ())  # of an expression it is no list, and no statement
            yield from _statements(inner if isinstance(inner, list) else ())


def _modules_named(folder: Path, node: ast.AST) -> Iterator[str]:
    """Yield the modules of the package that a statement imports."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
        yield from (name for name in names if name.split(".")[0] == folder.name)
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == folder.name:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if source(folder, inner).is_file() else str(node.module)


def _around(name: str) -> Iterator[str]:
    """Yield a module and the packages that are imported with it.

    >>> list(_around("harness.trial.trial"))
    ['harness.trial.trial', 'harness.trial', 'harness']
    """
    while name:
        yield name
        name = name.rpartition(".")[0]
