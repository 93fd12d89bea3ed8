from hypothesis import given
from hypothesis import strategies as st

from harness.error_taxonomy.command_lines import Line
from harness.error_taxonomy.outputs import own_lines, own_words
from harness.error_taxonomy.symptoms import rows
from harness.error_taxonomy.taxonomy import load

TAXONOMY = load()
KNOWN = TAXONOMY.viewer_commands, TAXONOMY.no_means_no, TAXONOMY.quiet_commands
COMMANDS = ["cat a", "make", "grep x f", "ls /", "grep -q x f && echo found"]
SAID = ["cat: a: No such file", "import os", "cat a | make", "def f(x):", "", "bash: make: no"]
CODES = st.none() | st.integers(-1, 256)


def test_a_line_says_what_it_is() -> None:
    """A viewer, a question, one whose answer is heard, one that hides a failure, and programs."""
    lines = [Line(KNOWN, text) for text in ("cat a", "grep x f", "grep x f && y", "make | tail")]
    assert [line.viewer for line in lines] == [True, True, False, False]
    assert [line.asks for line in lines] == [False, True, False, False]
    assert [line.heard for line in lines] == [False, False, True, False]
    assert [line.masks for line in lines] == [False, False, False, True]
    assert [line.programs for line in lines[2:]] == [(b"grep", b"y"), (b"make", b"tail")]


@given(st.lists(st.sampled_from(COMMANDS)), st.permutations([r"\bcat\b", "^ls", "a|b"]))
def test_asking_again(commands: list[str], sources: list[str]) -> None:
    """A line answers the same however often, and in whatever order, it is asked."""
    for command in commands:
        line = Line(KNOWN, command)
        first = {source: line.matches(source) for source in sources}
        assert first == {source: line.matches(source) for source in reversed(sources)}
        assert first == {source: Line(KNOWN, command).matches(source) for source in sources}


@given(st.lists(st.sampled_from(SAID)).map("\n".join), st.sampled_from(COMMANDS), st.booleans())
def test_each_line_is_judged_alone(text: str, command: str, failed: bool) -> None:
    """So lines may be left out in any order."""
    said, line = text.encode(), Line(KNOWN, command)

    def own(content: bytes) -> bytes:
        return own_lines(content, line.programs, failed=failed)

    def others(content: bytes) -> bytes:
        return own_words(content, line.content)

    assert own(others(said)) == others(own(said))


@given(CODES)
def test_only_what_cannot_count_is_passed_over(code: int | None) -> None:
    """An exit code's symptoms are those that it opens, and at 0 those that it may hide."""
    found = rows(TAXONOMY)
    counting = found.counting(code)
    for place, symptom in found.symptoms.items():
        assert place == symptom.place
        if place not in counting:
            assert not symptom.opens(code, calm=False)
        elif code:
            assert symptom.opens(code, calm=False)
