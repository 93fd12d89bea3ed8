"""Agents by name and by file: what may stand there, and what is said when it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.agents import adapters
from harness.agents.registry import find_agent
from harness.errors import InputError
from harness.library.diagnostics import DataError

SCRIPT = "turns:\n  - say: hi\n"


def written(folder: Path, text: str, name: str = "mine.yaml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.mark.parametrize(
    ("name", "agent", "adapter", "model"),
    [
        pytest.param("codex", "codex", "codex", None, id="an adapter"),
        pytest.param("codex:GPT-5.1/x", "codex-gpt-5.1-x", "codex", "GPT-5.1/x", id="NAME:MODEL"),
        pytest.param("oracle", "oracle", "scripted", None, id="a scripted one"),
    ],
)
def test_agents_by_name(name: str, agent: str, adapter: str, model: str | None) -> None:
    """A built-in name, with or without a model."""
    found = find_agent(name)
    assert (agent, adapter, model) == (found.id, found.adapter, found.settings.get("model"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("codx", "did you mean `codex`", id="a near miss"),
        pytest.param("codex:", "no agent is called `codex:`", id="no model"),
        pytest.param("program", "no agent is called `program`", id="needs a file"),
        pytest.param("oracle:x", "no agent is called `oracle:x`", id="has no model"),
        pytest.param("gone.yaml", "gone.yaml: No such file", id="no file"),
    ],
)
def test_no_such_agent(name: str, words: str) -> None:
    """The error says what there is."""
    with pytest.raises(InputError, match=words):
        find_agent(name)


def test_an_agent_file_is_read_whole(tmp_path: Path) -> None:
    """What stands in other files is put in its place: the agent does not change any more."""
    written(tmp_path, SCRIPT, "script.yaml")
    written(tmp_path, "m: {prompt: 1, completion: 2}\n", "prices.yaml")
    text = (
        "adapter: codex\nversion: 0.169.0\nmodel: m\ndeterministic: true\n"
        "scenario: script.yaml\nprices: prices.yaml\nbudget: {tokens: 5, usd: 0.5}\n"
    )
    found = find_agent(written(tmp_path, text))
    assert ("mine", "codex", True) == (found.id, found.adapter, found.deterministic)
    assert {"turns": [{"say": "hi"}]} == found.settings["scenario"]
    assert {"m": {"prompt": 1, "completion": 2}} == found.settings["prices"]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        pytest.param("model: x\n", "1:1 E203", "`adapter` is missing", id="no adapter"),
        pytest.param("adapter: codx\n", "1:10 E401", "did you mean `codex`", id="no such adapter"),
        pytest.param(
            "adapter: codex\nmodle: x\n", "2:1 E201", "did you mean `model`", id="an unknown key"
        ),
        pytest.param(
            "adapter: codex\nbudget: {tokens: 0}\n", "2:18 E204", "greater", id="no budget at all"
        ),
        pytest.param("adapter: codex\nversion: 5\n", "2:10 E202", "quote it", id="a wrong type"),
        pytest.param(
            "adapter: codex\nscenario: gone.yaml\n", "2:11 E408", "no file", id="no such scenario"
        ),
        pytest.param(
            "adapter: codex\nenv_from: sk-123\n", "2:11 E204", "sk-123", id="a key, not its name"
        ),
        pytest.param(
            "adapter: codex\ndeterministic: 1\n", "2:16 E202", "true or false", id="no truth"
        ),
        pytest.param("- adapter\n", "1:1 E202", "mapping", id="no mapping"),
        pytest.param("adapter: codex\nadapter: x\n", "2:1 E102", "adapter", id="a key twice"),
        pytest.param(
            "adapter: codex\nscenario: {turns: []}\n", "2:19 E204", "at least 1", id="no turns"
        ),
    ],
)
def test_every_mistake_has_its_place(tmp_path: Path, text: str, place: str, words: str) -> None:
    """file:line:col CODE, and a remedy."""
    path = written(tmp_path, text)
    with pytest.raises(DataError) as wrong:
        find_agent(path)
    assert f"{path}:{place}" in str(wrong.value)
    assert words in str(wrong.value)


def test_a_mistake_in_an_included_file_stands_there(tmp_path: Path) -> None:
    """The place is in the scenario's own file."""
    inner = written(tmp_path, "turns:\n  - sya: hi\n", "script.yaml")
    with pytest.raises(DataError, match=f"{inner}:2:5 E201"):
        find_agent(written(tmp_path, "adapter: codex\nscenario: script.yaml\n"))


def test_the_page_about_agents_shows_what_works(tmp_path: Path) -> None:
    """Every agent file in docs/agents.md is one, and every adapter stands in its table."""
    page = (Path(__file__).parent.parent / "docs" / "agents.md").read_text(encoding="utf-8")
    blocks = [part.split("```")[0] for part in page.split("```yaml\n")[1:]]
    assert [find_agent(written(tmp_path, block)).adapter for block in blocks] == [
        "codex",
        "command",
    ]
    assert not [name for name in adapters() if f"`{name}`" not in page and name != "scripted"]
