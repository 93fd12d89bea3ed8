"""Other packages bring adapters by entry points of the group `harness.agents`."""

from __future__ import annotations

import io
import sys
import threading
from typing import TYPE_CHECKING, cast

import pytest

from harness.agents import GROUP, adapters, endpoint_of, image_layer_of
from harness.agents.registry import by_name
from harness.agents.session import Session
from harness.errors import HarnessError
from harness.history.events import Event, Stopped
from harness.history.writer import History
from harness.models.trial import AgentSpec
from harness.trial.trial import _act
from histories import trial_spec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.containers.ports import Container
    from harness.injection.nemesis import Nemesis


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder on the path with an installed package whose module is still to be written."""
    info = tmp_path / "foreign-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nforeign = foreign_adapter\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    adapters.cache_clear()
    yield tmp_path
    adapters.cache_clear()
    sys.modules.pop("foreign_adapter", None)


def test_an_adapter_of_another_package_is_in_the_table(package: Path) -> None:
    """It stands beside ours under the name of its entry point; what it lacks is as usual."""
    (package / "foreign_adapter.py").write_text("def play(spec, session):\n    return None\n")
    adapter, agent = adapters()["foreign"], AgentSpec(id="a", adapter="foreign")
    assert "codex" in adapters()
    assert (adapter.layer(agent), adapter.endpoint(agent)) == (None, None)
    assert "foreign" not in by_name()
    with pytest.raises(HarnessError, match="no model"):
        adapter.model_of(agent)


def test_what_it_has_is_its_own(package: Path) -> None:
    """Any ability of an adapter may be the other package's."""
    (package / "foreign_adapter.py").write_text(
        "def play(spec, session):\n    return None\n"
        "def endpoint(agent):\n    return 'host'\n"
        "def layer(agent):\n    return 'FROM scratch'\n"
    )
    agent = AgentSpec(id="a", adapter="foreign")
    assert (endpoint_of(agent), image_layer_of(agent)) == ("host", "FROM scratch")
    assert "foreign" in by_name()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("import no_such_module_at_all\n", "no_such_module_at_all", id="fails"),
        pytest.param("answer = 42\n", "has no function `play`", id="is no adapter"),
        pytest.param("play = 42\n", "`play` is no function", id="something else of that name"),
        pytest.param(
            "def play(spec, session): ...\nSettings = dict\n", "no pydantic model", id="settings"
        ),
    ],
)
def test_a_broken_adapter_is_named(package: Path, text: str, why: str) -> None:
    """The error tells the entry point and what is wrong with its module."""
    (package / "foreign_adapter.py").write_text(text)
    with pytest.raises(HarnessError, match=f"foreign .*{why}"):
        adapters()


PLAY = """
def play(spec, session):
    {}
"""


@pytest.mark.parametrize(
    ("body", "how", "why"),
    [
        pytest.param("pass", "ended", "", id="it stops"),
        pytest.param("{}['x']", "crashed", "KeyError: 'x'", id="it has a defect"),
        pytest.param("raise SystemExit(1)", "crashed", "SystemExit: 1", id="it exits"),
        pytest.param("session.say()", "crashed", "TypeError: ", id="it calls us wrongly"),
    ],
)
def test_its_errors_are_the_agents(package: Path, body: str, how: str, why: str) -> None:
    """Whatever goes wrong in another package's adapter is the agent's, and so a verdict."""
    (package / "foreign_adapter.py").write_text(PLAY.format(body))
    (stopped,) = acted()
    assert isinstance(stopped, Stopped)
    assert (stopped.how, stopped.word) == (how, how)
    assert (stopped.why or "").startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("session.peek('true')", id="it lets our error through"),
        pytest.param("try: session.peek('true')\n    except Exception: pass", id="it catches it"),
        pytest.param(
            "try: session.peek('true')\n    except Exception: raise ValueError", id="it has another"
        ),
    ],
)
def test_our_errors_are_not_the_agents(package: Path, body: str) -> None:
    """A defect of the session's makes the trial invalid, whatever the adapter makes of it."""
    (package / "foreign_adapter.py").write_text(PLAY.format(body))
    with pytest.raises(HarnessError, match="AttributeError: a defect"):
        acted()


def acted() -> list[Event]:
    """Let the foreign adapter act in a session that cannot look into its sandbox."""
    spec = trial_spec(agent={"id": "a", "adapter": "foreign"})
    history = History(io.StringIO(), lambda: 0.0)
    container, nemesis = cast("Container", Blind()), cast("Nemesis", None)
    stop = threading.Event()
    session = Session(spec.task, container, nemesis, history, lambda _: "", stop)
    _act(spec, session, history)
    return list(history.events)


class Blind:
    """A container with a defect of ours."""

    @property
    def probes(self) -> Blind:
        """Return what looks into it."""
        return self

    def ask(self, *_: object, **__: object) -> None:
        """Fail as our own code might."""
        raise AttributeError("a defect")
