"""What a validation depends on is read off the imports of what plays and judges a trial."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

import harness
from harness.validation import cache, imports

PLAYED, LATER = "harness.trial.verifier", "harness.views.html.grid"
LINES = (Path(harness.__file__).parent / "trial" / "verifier.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package's sources."""
    folder = tmp_path_factory.mktemp("copy") / "harness"
    return Path(shutil.copytree(Path(harness.__file__).parent, folder))


@pytest.mark.parametrize(
    ("planted", "enters"),
    [
        pytest.param("", False, id="nothing"),
        pytest.param("from harness.views.html import grid", True, id="an import"),
        pytest.param("import harness.views.html.grid", True, id="another form"),
        pytest.param("def later():\n    from harness.views.html.grid import x", True, id="lazy"),
        pytest.param("try:\n    pass\nexcept OSError:\n    import harness.views.html.grid", True,
                     id="in a block"),
        pytest.param("if TYPE_CHECKING:\n    from harness.views.html import grid", False,
                     id="for types only"),
        pytest.param('"""from harness.views.html import grid"""', False, id="in a text"),
    ],
)  # fmt: skip
def test_a_new_import_enters_the_key(copy: Path, planted: str, *, enters: bool) -> None:
    """What a module of the trial imports decides, and what nothing imports does not."""
    file = copy / "trial" / "verifier.py"
    file.write_text(f"{LINES}\n{planted}\n")
    imports.imports.cache_clear()
    found = cache.deciding_modules("scripted", "script", naming=True, package=copy)
    assert PLAYED in found
    assert (LATER in found) is enters


def test_what_decides() -> None:
    """The trial, the verdict, the fault's mechanism and the agent; no other row, view or verb."""
    found = cache.deciding_modules("scripted", "net", naming=False)
    assert {
        "harness.trial.trial", "harness.trial.environment", "harness.agents.session",
        "harness.agents.scripted", "harness.injection.nemesis", "harness.injection.mechanisms.net",
        "harness.analysis.verdict", "harness.shelltext.parse", "harness.validation.claims",
    } <= found  # fmt: skip
    others = ("views", "commands", "release", "datasets", "error_taxonomy", "agents.codex",
              "injection.mechanisms.web")  # fmt: skip
    assert [name for name in found if name.startswith(tuple(f"harness.{o}" for o in others))] == []
    naming = cache.deciding_modules("scripted", "net", naming=True) - found
    assert {name.split(".")[1] for name in naming} >= {"error_taxonomy"}


def test_an_agent_whose_module_has_another_name() -> None:
    """Where the table's row tells no module, all of its modules decide."""
    assert "harness.agents.continuation" in cache.deciding_modules(
        "continued", "noop", naming=False
    )


def test_every_file_that_is_read_is_there() -> None:
    """Each module that decides has its source, and each file of data its reader."""
    found = cache.deciding_modules("scripted", "script", naming=True)
    assert [name for name in found if not imports.source(cache.PACKAGE, name).is_file()] == []
    assert [file for file in cache.DATA.values() if not (cache.PACKAGE / file).is_file()] == []
    assert cache.DATA.keys() <= found


def test_it_is_quick() -> None:
    """Fresh from the sources it takes a fraction of a second of the processor."""
    imports.imports.cache_clear()
    began = time.process_time()
    cache.deciding_modules("scripted", "script", naming=True)
    assert time.process_time() - began < 1
