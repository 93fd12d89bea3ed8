"""docs/api.md says what `harness.api` does: its examples are played."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path

import pytest

from harness import api
from harness.errors import InputError, NothingSelected
from harness.library.library import Library
from harness.library.load import own_root

PAGE = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
PURE = PAGE.partition("## Play")[0]


@pytest.fixture(scope="module")
def library() -> Library:
    return api.load(own_root())


def play(text: str) -> int:
    """Run a page's examples, and return how many there are; a failure is raised."""
    examples = doctest.DocTestParser().get_doctest(text, {}, "docs/api.md", None, 0)
    doctest.DebugRunner().run(examples)
    return len(examples.examples)


def test_the_page_looks_and_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first examples hold without a container."""
    monkeypatch.chdir(tmp_path)
    assert play(PURE) > 5


@pytest.mark.container
@pytest.mark.usefixtures("images")
def test_the_page_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All examples hold, in real containers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert play(PAGE) > 10


@pytest.mark.parametrize("name", sorted(set(api.__all__)))
def test_every_name_is_explained(name: str) -> None:
    """What the module offers has a docstring."""
    assert inspect.getdoc(getattr(api, name))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        pytest.param({"attempts": 0}, InputError, "at least 1", id="no attempt"),
        pytest.param({"agents": ["nobody"]}, InputError, "no agent", id="an unknown agent"),
        pytest.param({"tasks": ["fix-slg"]}, InputError, "did you mean", id="a misspelt task"),
        pytest.param(
            {"tasks": ["push-site"], "faults": ["git_index_locked"], "agents": []},
            NothingSelected, "matches no pair", id="no agent at all",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_planned(
    library: Library, arguments: dict[str, object], error: type[Exception], words: str
) -> None:
    """The caller is told what to put right, before anything starts."""
    with pytest.raises(error, match=words):
        api.plan(library, api.select(**arguments))


def test_a_trial_that_its_agent_cannot_meet_is_left_out(library: Library) -> None:
    """A fault of the model needs an agent that has one: a line says so."""
    names: dict[str, list[str]] = {"tasks": ["fix-slug"], "faults": ["model_rate_limited"]}
    said: list[str] = []
    specs = api.plan(library, api.select(**names), said.append)
    assert ["fix-slug+noop+oracle+1"] == [spec.trial for spec in specs]
    assert [True] == [
        line.startswith("skipped: fix-slug+model_rate_limited+oracle+1: ") for line in said
    ]
    with pytest.raises(NothingSelected, match="can meet"):
        api.plan(library, api.select(**names, controls=False))
