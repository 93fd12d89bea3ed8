"""A person in the agent's seat: what is typed becomes steps, words and a claim."""

from __future__ import annotations

import io

import pytest

from harness.agents import person
from harness.history.events import Action, Message
from kernel_rooms import room


@pytest.mark.parametrize(
    ("typed", "steps", "words"),
    [
        pytest.param("prepare\nbuild\nexit\nSTATUS: done\n\n", [("prepare", None), ("build", None)],
                     "STATUS: done", id="commands, then last words"),
        pytest.param("# why\n\n# really\nprepare\nquit\n\n", [("prepare", "why really")], "",
                     id="words go with the next command"),
        pytest.param("echo a \\\n b\nexit\nx\ny\n\n", [("echo a \\\n b", None)], "x\ny",
                     id="a line that goes on"),
        pytest.param("echo 'a\nb'\n", [("echo 'a\nb'", None)], "", id="a quote; the input ends"),
        pytest.param("# all is lost\nexit\n\n", [], "all is lost", id="words alone"),
        pytest.param("", [], "", id="nothing"),
    ],
)  # fmt: skip
def test_what_is_typed(
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    steps: list[tuple[str, str | None]],
    words: str,
) -> None:
    """A whole command is a step, a comment is what goes with it, the rest are the last words."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with room() as made:
        session = made.begin()
        person.play(made.spec, session)
        assert [(a.command, a.message) for a in made.found(Action)] == steps
        assert [(m.text, m.final) for m in made.found(Message)] == [(words, True)]


def test_what_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The instruction, outputs and exit codes are shown, and nothing of the fault."""
    monkeypatch.setattr("sys.stdin", io.StringIO("nonsense\nexit\n\n"))
    with room() as made:
        person.play(made.spec, made.begin())
    shown = capsys.readouterr().out
    assert made.spec.task.instruction in shown
    assert "[exit 127]" in shown
    assert made.spec.fault.title not in shown
