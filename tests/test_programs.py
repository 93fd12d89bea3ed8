"""The table of programs answers each reader's question."""

from __future__ import annotations

import pytest

from harness.shelltext import programs


@pytest.mark.parametrize(
    ("program", "answers"),
    [
        pytest.param("sleep", {"waits", "idles"}, id="waits"),
        pytest.param("true", {"waits", "talks", "idles"}, id="does nothing"),
        pytest.param("echo", {"talks", "chats", "idles", "looks"}, id="says"),
        pytest.param("cd", {"chats", "idles"}, id="moves"),
        pytest.param("export", {"idles", "alters"}, id="sets"),
        pytest.param("test", {"talks", "looks"}, id="tests"),
        pytest.param("grep", {"talks", "fails", "reads", "looks"}, id="searches"),
        pytest.param("cat", {"fails", "reads", "looks"}, id="reads"),
        pytest.param("sort", {"fails", "looks"}, id="looks, and can write"),
        pytest.param("rm", {"fails", "alters"}, id="alters"),
        pytest.param("make", {"fails"}, id="unknown"),
    ],
)
def test_a_program_has_a_kind(program: str, answers: set[str]) -> None:
    """Each question is answered from one table; a program that is not in it may do anything."""
    questions = (
        programs.waits, programs.talks, programs.chats, programs.idles, programs.fails,
        programs.reads, programs.looks, programs.alters,
    )  # fmt: skip
    assert answers == {ask.__name__ for ask in questions if ask(program)}


def test_a_verb_can_say_more_than_the_program() -> None:
    """To look with git alters nothing; the rest of git does."""
    assert programs.looks("git", "log")
    assert not programs.looks("git", "push")
    assert programs.alters("git")
