"""The page's JavaScript: modules into one script, other people's as pinned."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.views.html import bundle

ROOT = Path(__file__).parent.parent.parent


def bundled(**modules: str) -> str:
    """Return the script of some modules; `main` is where it starts."""
    return bundle.bundle("app/main.js", {f"app/{k}.js": v for k, v in modules.items()}.__getitem__)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("export const a = 1;", "const a = 1;\nreturn {a: a};", id="a constant"),
        pytest.param("export function f() {}", "function f() {}\nreturn {f: f};", id="a function"),
        pytest.param(
            "export async function f() {}", "async function f() {}\nreturn {f: f};", id="async"
        ),
        pytest.param(
            "const a = 1;\nexport {a as b};", "const a = 1;\nreturn {b: a};", id="renamed"
        ),
        pytest.param(
            "export default function() {}",
            "const defaultExport = function() {}\nreturn {default: defaultExport};",
            id="a default",
        ),
        pytest.param("f('export const a');", "f('export const a');\nreturn {};", id="only a text"),
        pytest.param("g();\n//# sourceMappingURL=x.map", "g();\nreturn {};", id="no source map"),
    ],
)
def test_what_a_module_exports(source: str, expected: str) -> None:
    """A module is a function that returns what it exports."""
    assert f"(() => {{\n{expected}\n}})()" in bundled(main=source)


def test_imports_come_first() -> None:
    """A module stands behind what it imports, once, whatever else imports it."""
    script = bundled(
        main='import {a as x} from "./one.js";\nimport two from "./two.js";\nx(two);',
        one="export const a = 1;",
        two='import {a} from "./one.js";\nexport default a;',
    )
    assert script.count("const a = 1;") == 1
    assert "const {a} = module0;" in script.replace("{a: a}", "{a}")
    assert "const {a: x} = module0;\nconst two = module1.default;\nx(two);" in script


def test_modules_that_import_each_other_are_refused() -> None:
    """A circle is an error that names it."""
    with pytest.raises(ValueError, match=r"app/main\.js -> app/one\.js -> app/main\.js"):
        bundled(main='import {a} from "./one.js";', one='import {b} from "./main.js";')


def test_the_page_itself() -> None:
    """The real page bundles whole: nothing is imported at run time, and no text becomes markup."""
    script = bundle.script()
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert "</script" not in script
    own = "".join(path.read_text() for path in Path(str(bundle.STATIC / "app")).glob("*.js"))
    assert not re.search(
        r"\beval\(|new Function|[hH]TML\b(?!`)|insertAdjacent|document\.write", own
    )


def test_other_peoples_code_is_the_pinned_one() -> None:
    """Every vendored file has the sha256 of the lock, and the lock names every vendored file."""
    folder = Path(str(bundle.STATIC / "vendor"))
    rows = json.loads((folder / "lock.json").read_text())["packages"]
    pinned = {n: f["sha256"] for r in rows if r["for"] == "page" for n, f in r["files"].items()}
    there = {p.name: p for p in folder.iterdir() if p.name != "lock.json"}
    assert {n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in there.items()} == pinned
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", row["version"]) for row in rows)
    check = subprocess.run([sys.executable, ROOT / "scripts" / "vendor", "--check"], check=False)
    assert check.returncode == 0
