"""The house keeps its floors: a module imports from its own package, or from a lower floor."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS = (
    ("errors", "patterns", "cache_folder"),
    ("models",),
    ("history", "shelltext"),
    ("analysis",),
    ("trajectories",),
    ("error_taxonomy",),
    ("gateway", "containers"),
    ("injection",),
    ("library",),
    ("planning",),
    ("agents",),
    ("trial",),
    ("attribution", "validation"),
    ("datasets", "release"),
    ("views",),
    ("api",),
    ("commands", "pytest_plugin", "crash_report"),
    ("cli",),
    ("__main__",),
)
"""From the ground up, as docs/map.md draws them; packages on one floor do not know each other."""

EXCEPTIONS: dict[tuple[str, str], str] = {}
"""(module, what it imports from above) -> why."""

HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    found = {}
    for path in sorted((ROOT / "harness").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """Yield the modules of the package that a file imports, in functions and for types, too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def package(module: str) -> str:
    """Return the part of a module's name that has a floor; the package itself is on the ground."""
    return module.split(".")[1] if "." in module else "errors"


def test_every_package_has_a_floor() -> None:
    """No package, and no module of the root, is without one; and no floor is without a package."""
    assert set(HEIGHT) == {package(module) for module in MODULES if module != "harness"}


def test_no_import_leads_upwards() -> None:
    """What a module imports is of its own package, or from a lower floor, or a known exception."""
    upward = [
        f"{module} -> {found}"
        for module, path in MODULES.items()
        for found in imports(path)
        if package(found) != package(module)
        and HEIGHT[package(found)] >= HEIGHT[package(module)]
        and (module, found) not in EXCEPTIONS
    ]
    assert [] == upward


def test_there_is_no_circle() -> None:
    """No file imports itself by way of others."""
    graph = {name: set(imports(path)) - {name} for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_every_exception_is_needed() -> None:
    """An exception that no import needs any longer is gone."""
    assert [] == [pair for pair in EXCEPTIONS if pair[1] not in set(imports(MODULES[pair[0]]))]


def test_what_is_read_at_once_is_small() -> None:
    """No module has over 300 lines, and no function over 39."""
    assert [] == [
        name for name, path in MODULES.items() if path.read_text(encoding="utf-8").count("\n") > 300
    ]
    assert [] == [f"{name}.{each}" for name, path in MODULES.items() for each in long(path)]


def long(path: Path) -> Iterator[str]:
    """Yield the names of the functions with over 39 lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if function and (node.end_lineno or 0) - node.lineno >= 39:
            yield node.name
